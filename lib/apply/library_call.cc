// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/library_call.h"

#include <algorithm>
#include <thread>

#include "lib/apply/imports.h"
#include "lib/apply/quiet_thread.h"
#include "lib/apply/symbol_table.h"
#include "lib/base/error.h"
#include "lib/base/log.h"

namespace care {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kThreadPatience(50); // for one thread to come to its stop
constexpr milliseconds kLongestPause(50);

// int *__errno_location(void), of the C library that the target's objects use.
RemoteAddr errno_function(const Target &target) {
  CachedMemory memory(target.memory());
  for (const LoadedObject &object : target.objects()) {
    std::optional<Elf64_Sym> symbol = SymbolTable(object, memory).find("__errno_location", "");
    if (symbol && symbol->st_shndx != SHN_UNDEF)
      return object.bias + LinkAddr(symbol->st_value);
  }
  throw error(ExitCode::unsupported, "process {} has no C library whose functions can be called",
              target.process().pid())
      .with_hint("a static program: what needs a library function cannot be done there");
}

// The borrowed thread's errno, as it was, when this goes away.
class SavedErrno {
 public:
  SavedErrno(const Target &target, InjectedCalls &calls, RemoteAddr errno_location)
      : target_(target), at_(calls.call(errno_location, {})),
        value_(target.memory().read_bytes(at_, sizeof(int))) {}
  SavedErrno(const SavedErrno &) = delete;
  SavedErrno &operator=(const SavedErrno &) = delete;
  ~SavedErrno() {
    try {
      target_.memory().write(at_, value_);
    } catch (const Error &e) {
      log_debug("cannot put errno back: {}", e.message());
    }
  }

 private:
  const Target &target_;
  RemoteAddr at_;
  std::string value_;
};

class LibraryCall {
 public:
  LibraryCall(const Target &target, Clock::time_point deadline,
              const std::function<void(InjectedCalls &)> &body)
      : target_(target), deadline_(deadline), body_(body), errno_location_(errno_function(target)),
        instruction_(find_syscall_instruction(target.map(), target.memory())) {}

  // False: no thread was quiet; obstacle() tells of the last one.
  bool attempt() {
    QuietRules rules(target_);
    for (pid_t tid : list_threads(target_.process().pid())) {
      if (try_thread(tid, rules))
        return true;
      if (Clock::now() > deadline_)
        break;
    }
    return false;
  }

  const std::string &obstacle() const { return obstacle_; }

 private:
  bool try_thread(pid_t tid, const QuietRules &rules) {
    StoppedThreads threads(target_.process().pid());
    if (!threads.seize_one(tid))
      return false;
    if (!threads.stop(kThreadPatience, false) || threads.stopped().empty()) {
      obstacle_ = fmt::format("thread {} does not come to a stop", tid);
      return false;
    }
    std::string obstacle = rules.obstacle(tid);
    if (!obstacle.empty()) {
      obstacle_ = obstacle;
      return false;
    }
    InjectedCalls calls(threads, tid, target_.memory(), instruction_);
    calls.set_deadline(deadline_);
    SavedErrno saved(target_, calls, errno_location_);
    body_(calls);
    return true;
  }

  const Target &target_;
  Clock::time_point deadline_;
  const std::function<void(InjectedCalls &)> &body_;
  RemoteAddr errno_location_;
  RemoteAddr instruction_;
  std::string obstacle_;
};

} // namespace

void with_library_call(const Target &target, milliseconds timeout,
                       const std::function<void(InjectedCalls &)> &body) {
  Clock::time_point deadline = Clock::now() + timeout;
  LibraryCall call(target, deadline, body);
  for (milliseconds pause(1);; pause = std::min(pause * 2, kLongestPause)) {
    if (call.attempt())
      return;
    if (!process_alive(target.process().tid()))
      throw no_such_process(target.process().pid());
    if (Clock::now() + pause >= deadline)
      throw error(ExitCode::unsafe, "no thread can call a library function now: {}",
                  call.obstacle())
          .with_hint("try again later, or with a longer --timeout");
    std::this_thread::sleep_for(pause);
  }
}

RemoteAddr find_function(Target &target, const std::string &name) {
  const LoadedObject *program = main_program(target.process(), target.objects());
  if (!program)
    return {};
  ImportScope scope(target.objects(), target.link_chains(), *program, target.cache());
  ResolvedImport found = scope.resolve({name, "", ImportKind::function, true});
  if (found.resolver)
    throw error(ExitCode::unsupported, "{} is an indirect function that the program does not use",
                name);
  return RemoteAddr(found.value);
}

} // namespace care
