// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/process/process.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <string_view>
#include <thread>

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/fd.h"

namespace care {

namespace {

// A process that is just at its exec, or at its end, has the memory of neither program: at
// most for so many milliseconds, but on a machine that is busy.
constexpr int kMapTries = 200;
constexpr uint64_t kKernelThreadFlag = 0x00200000; // PF_KTHREAD, linux/sched.h

// "Name:\tvalue" lines of /proc/TID/status.
std::map<std::string, std::string, std::less<>> read_status_fields(pid_t tid) {
  std::string text;
  try {
    text = read_file(fmt::format("/proc/{}/status", tid));
  } catch (const Error &) {
    throw no_such_process(tid);
  }
  std::map<std::string, std::string, std::less<>> fields;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t eol = rest.find('\n');
    std::string_view line = rest.substr(0, eol);
    rest.remove_prefix(eol == std::string_view::npos ? rest.size() : eol + 1);
    size_t colon = line.find(":\t");
    if (colon != std::string_view::npos)
      fields.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  return fields;
}

int to_int(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<int> list_numbers(const std::string &directory) {
  std::vector<int> numbers;
  std::error_code ec;
  for (std::filesystem::directory_iterator it(directory, ec), end; !ec && it != end;
       it.increment(ec)) {
    std::string name = it->path().filename().string();
    if (!name.empty() &&
        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
      numbers.push_back(to_int(name));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The program itself, even when its file is deleted or in another namespace.
void refuse_other_class(pid_t tid) {
  int fd = open(fmt::format("/proc/{}/exe", tid).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == EACCES || errno == EPERM)
      throw ptrace_refused(tid, errno);
    throw no_such_process(tid);
  }
  Fd exe(fd);
  Elf64_Ehdr header{};
  if (pread(exe.get(), &header, sizeof header, 0) < EI_NIDENT ||
      memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return; // the objects in memory decide
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64)
    throw error(ExitCode::unsupported, "process {} is not an x86-64 program ({}-bit, machine {})",
                tid, header.e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64, header.e_machine);
}

} // namespace

Error no_such_process(pid_t pid) {
  return error(ExitCode::no_process, "no process {} (it exited, or never was)", pid);
}

Error ptrace_refused(pid_t tid, int errnum) {
  pid_t tracer = 0;
  try {
    tracer = read_status(tid).tracer;
  } catch (const Error &) {
    return no_such_process(tid);
  }
  if (tracer != 0) {
    std::string comm = "?";
    try {
      comm = read_status(tracer).comm;
    } catch (const Error &) {
    }
    return error(ExitCode::no_permission, "process {} is already traced by process {} ({})", tid,
                 tracer, comm)
        .with_hint("end the debugger or strace that holds it, then try again");
  }
  return system_error_text(errnum, fmt::format("may not trace process {}", tid),
                           ExitCode::no_permission)
      .with_hint("run as root or with CAP_SYS_PTRACE; as the same user, kernel.yama.ptrace_scope "
                 "must be 0 and the program must be dumpable");
}

bool process_alive(pid_t tid) {
  try {
    char state = read_status(tid).state;
    return state != 'Z' && state != 'X';
  } catch (const Error &) {
    return false;
  }
}

ProcessStatus read_status(pid_t tid) {
  std::map<std::string, std::string, std::less<>> fields = read_status_fields(tid);
  ProcessStatus s;
  s.pid = to_int(fields["Tgid"]);
  s.ppid = to_int(fields["PPid"]);
  s.comm = fields["Name"];
  s.state = fields["State"].empty() ? '?' : fields["State"][0];
  s.tracer = to_int(fields["TracerPid"]);
  s.threads = to_int(fields["Threads"]);
  s.seccomp = to_int(fields["Seccomp"]);
  // By the flag: a process has no memory either while it exits.
  s.kernel_thread = (stat_field(tid, 9) & kKernelThreadFlag) != 0;
  return s;
}

std::vector<pid_t> list_threads(pid_t pid) {
  return list_numbers(fmt::format("/proc/{}/task", pid));
}

std::vector<int> list_descriptors(pid_t pid) {
  return list_numbers(fmt::format("/proc/{}/fd", pid));
}

std::vector<pid_t> list_processes() {
  return list_numbers("/proc");
}

uint64_t stat_field(pid_t pid, int number) {
  std::string text;
  try {
    text = read_file(fmt::format("/proc/{}/stat", pid));
  } catch (const Error &) {
    throw no_such_process(pid);
  }
  // The name in parentheses, field 2, may hold anything: count from the last ')'.
  size_t at = text.rfind(')');
  for (int field = 2; field < number && at != std::string::npos; field++)
    at = text.find(' ', at + 1);
  uint64_t value = 0;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + 1, text.data() + text.size(), value);
  return value;
}

uint64_t start_time(pid_t pid) {
  return stat_field(pid, 22);
}

Process::Process(pid_t pid, StartStop start_stop) : pid_(pid), tid_(pid), start_stop_(start_stop) {
  ProcessStatus status = read_status(pid);
  if (status.pid != pid)
    throw error(ExitCode::no_process, "{} is a thread of process {}, not a process", pid,
                status.pid);
  comm_ = status.comm;
  if (status.kernel_thread)
    throw error(ExitCode::unsupported, "process {} ({}) is a kernel thread", pid, comm_);
  if (status.state == 'Z' || status.state == 'X') {
    tid_ = 0;
    for (pid_t tid : list_threads(pid)) {
      if (process_alive(tid)) {
        tid_ = tid;
        break;
      }
    }
    if (tid_ == 0)
      throw error(ExitCode::no_process, "process {} ({}) has exited", pid, comm_);
  }
  refuse_other_class(tid_);
}

std::string Process::text() const {
  return fmt::format("pid {} ({})", pid_, comm_);
}

MemoryMap Process::read_map() const {
  for (int tries = 0;; tries++) {
    std::string text;
    try {
      text = read_file(fmt::format("/proc/{}/maps", tid_));
    } catch (const Error &) {
      if (process_alive(tid_))
        throw ptrace_refused(tid_, EACCES);
    }
    if (!text.empty())
      return parse_maps(text);
    if (!process_alive(tid_))
      throw no_such_process(pid_);
    if (tries == kMapTries)
      throw error(ExitCode::no_process,
                  "{} has no memory: it is about to exit, or to execute "
                  "another program",
                  Process::text())
          .with_hint("try again");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::optional<uint64_t> Process::auxv(uint64_t type) const {
  std::string bytes;
  try {
    bytes = read_file(fmt::format("/proc/{}/auxv", tid_));
  } catch (const Error &) {
    if (!process_alive(tid_))
      throw no_such_process(pid_);
    throw;
  }
  for (size_t at = 0; at + sizeof(Elf64_auxv_t) <= bytes.size(); at += sizeof(Elf64_auxv_t)) {
    Elf64_auxv_t entry;
    memcpy(&entry, bytes.data() + at, sizeof entry);
    if (entry.a_type == type)
      return entry.a_un.a_val;
  }
  return std::nullopt;
}

} // namespace care
