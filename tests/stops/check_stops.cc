// SPDX-License-Identifier: GPL-2.0-or-later
//
// check_stops PID STOPS SEED: stops a process at random moments and asks both halves of
// the safety check, each by itself, about random sets of its functions. Where the scan
// says safe and the exact stack says unsafe the check is broken: exit code 1.
//
// Functions are what unwind tables tell, so that no symbols are needed. Half of every other
// set comes from stacks that were seen before: of all functions of a program hardly any is
// ever on a stack. The other sets are of any functions, so that the scan has something to
// call safe in a program that is always in the same few.
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <sys/ptrace.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/process/process.h"
#include "tests/stops/both_answers.h"

namespace care {
namespace {

constexpr int kQuestions = 8;         // at each stop
constexpr int kMostFunctions = 8;     // in one question
constexpr uint64_t kMostPause = 1500; // microseconds that the process runs between stops
constexpr int kMostIdle = 5000;       // such pauses in which it has no code to ask about

struct Counts {
  uint64_t stops = 0;
  uint64_t answers = 0;
  uint64_t scan_safe = 0;
  uint64_t exact_safe = 0; // where the scan was not sure
  uint64_t exact_unsafe = 0;
  uint64_t unknown = 0;
  uint64_t wrong = 0;
};

// All functions of all objects, as ranges from one entry of a search table to the next.
std::vector<CodeRange> read_functions(const std::vector<UnwindTable> &tables,
                                      CachedMemory &memory) {
  std::vector<CodeRange> functions;
  for (const UnwindTable &table : tables) {
    std::optional<SearchTable> search = read_search_table(table, memory);
    if (!search)
      continue;
    std::vector<int32_t> entries(search->count * 2);
    if (!memory.try_read(search->entries, entries.data(), entries.size() * sizeof(int32_t)))
      continue;
    for (uint64_t i = 0; i + 1 < search->count; i++) {
      RemoteRange range{table.eh_frame_hdr + static_cast<uint64_t>(int64_t{entries[i * 2]}),
                        table.eh_frame_hdr + static_cast<uint64_t>(int64_t{entries[i * 2 + 2]})};
      if (!range.empty() && table.code.contains(range.begin))
        functions.push_back({range, fmt::format("{}+{:#x}", table.name, range.begin - table.base)});
    }
  }
  std::sort(functions.begin(), functions.end(),
            [](const CodeRange &a, const CodeRange &b) { return a.range.begin < b.range.begin; });
  return functions;
}

std::vector<RemoteAddr> starts_of_code(const MemoryMap &map) {
  std::vector<RemoteAddr> starts;
  for (const Mapping &m : map) {
    if (m.exec)
      starts.push_back(m.range.begin);
  }
  return starts;
}

class Run {
 public:
  Run(pid_t pid, uint64_t seed) : process_(pid), memory_(pid), random_(seed) {}

  Counts run(uint64_t stops) {
    for (int idle = 0; counts_.stops < stops;) {
      std::this_thread::sleep_for(std::chrono::microseconds(below(kMostPause)));
      if (refresh()) {
        stop_once();
        counts_.stops++;
      } else if (++idle == kMostIdle) {
        throw error("process {} has no functions that unwind tables know", process_.pid());
      }
    }
    return counts_;
  }

 private:
  uint64_t below(uint64_t limit) { return limit == 0 ? 0 : random_() % limit; }

  // False: it has no code yet that could be asked about. A program that was started just now
  // is still at its exec, without any map, or loads its libraries.
  bool refresh() {
    if (read_file(fmt::format("/proc/{}/maps", process_.pid())).empty())
      return false;
    map_ = process_.read_map();
    std::vector<RemoteAddr> code = starts_of_code(map_);
    if (code == code_)
      return !functions_.empty();
    code_ = std::move(code);
    CachedMemory cache(memory_);
    tables_ = unwind_tables(find_objects(map_, cache));
    functions_ = read_functions(tables_, cache);
    seen_.clear();
    return !functions_.empty();
  }

  void stop_once() {
    StoppedThreads threads(process_.pid());
    threads.seize_all();
    if (!threads.stop(std::chrono::seconds(5)))
      return;
    std::vector<std::vector<CodeRange>> sets;
    for (int i = 0; i < kQuestions; i++)
      sets.push_back(choose(i % 2 == 0));
    for (std::vector<CodeRange> &set : sets)
      ask(threads, std::move(set));
    remember(threads);
  }

  std::vector<CodeRange> choose(bool with_seen) {
    std::vector<CodeRange> set;
    uint64_t count = 1 + below(kMostFunctions);
    for (uint64_t i = 0; i < count; i++) {
      size_t index = below(functions_.size());
      if (with_seen && i % 2 == 0 && !seen_.empty())
        index = find(*std::next(seen_.begin(), static_cast<ptrdiff_t>(below(seen_.size()))));
      set.push_back(functions_[index]);
    }
    return set;
  }

  // The function at or before `pc`; any when there is none.
  size_t find(RemoteAddr pc) const {
    auto it = std::upper_bound(functions_.begin(), functions_.end(), pc,
                               [](RemoteAddr a, const CodeRange &f) { return a < f.range.begin; });
    return it == functions_.begin() ? 0 : static_cast<size_t>(it - functions_.begin() - 1);
  }

  void ask(const StoppedThreads &threads, std::vector<CodeRange> set) {
    SafetyQuestion question{ForbiddenCode(std::move(set)), tables_, map_};
    SafetyStats stats;
    for (const BothAnswers &b : compare_answers(threads, question, memory_, stats)) {
      counts_.answers++;
      if (b.scan_says_safe && b.exact == ExactAnswer::unsafe) {
        counts_.wrong++;
        fmt::print("thread {}: the scan says safe, but it is in {}\n{}", b.tid, b.obstacle.function,
                   stack_text(b.obstacle.stack, tables_));
      } else if (b.scan_says_safe) {
        counts_.scan_safe++;
      }
      counts_.unknown += b.exact == ExactAnswer::unknown;
      counts_.exact_safe += !b.scan_says_safe && b.exact == ExactAnswer::safe;
      counts_.exact_unsafe += b.exact == ExactAnswer::unsafe;
    }
  }

  void remember(const StoppedThreads &threads) {
    CachedMemory cache(memory_);
    pid_t tid = threads.stopped()[below(threads.stopped().size())];
    user_regs_struct regs{};
    if (ptrace(PTRACE_GETREGS, tid, 0, &regs) != 0)
      return;
    for (const Frame &f : unwind(regs, tables_, cache).frames)
      seen_.insert(functions_[find(f.code())].range.begin);
  }

  Process process_;
  RemoteMemory memory_;
  std::mt19937_64 random_;
  MemoryMap map_;
  std::vector<RemoteAddr> code_; // starts_of_code() when the next two were read
  std::vector<UnwindTable> tables_;
  std::vector<CodeRange> functions_;
  std::set<RemoteAddr> seen_; // functions that were on a stack
  Counts counts_;
};

int check_stops(int argc, char **argv) {
  if (argc != 4)
    throw error(ExitCode::usage, "usage: check_stops PID STOPS SEED");
  Counts c = Run(atoi(argv[1]), strtoull(argv[3], nullptr, 10)).run(strtoull(argv[2], nullptr, 10));
  fmt::print("{} stops, {} answers: scan safe {}; else exactly safe {}, unsafe {}; stack unknown "
             "{}; wrong {}\n",
             c.stops, c.answers, c.scan_safe, c.exact_safe, c.exact_unsafe, c.unknown, c.wrong);
  // A run in which nobody was ever inside, or outside, showed nothing.
  if (c.exact_unsafe == 0 || c.scan_safe == 0)
    throw error("nothing was compared");
  return c.wrong == 0 ? 0 : 1;
}

} // namespace
} // namespace care

int main(int argc, char **argv) {
  return care::run_main("check_stops", care::check_stops, argc, argv);
}
