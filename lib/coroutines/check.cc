// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/check.h"

#include <algorithm>
#include <cstring>

#include <elf.h>
#include <sys/ptrace.h>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/units.h"
#include "lib/coroutines/context_finder.h"

namespace care {

namespace {

// Without any sign of coroutines more than this is not read, but for what looks like
// stacks by itself.
constexpr uint64_t kLookLimit = 64 << 20;
// So much is read as a whole in the stop: some two milliseconds.
constexpr uint64_t kStopLimit = 8 << 20;
// Stacks grow and shrink between the look and the stop.
constexpr uint64_t kMargin = 64 << 10;
// A look that took long is not repeated for each attempt.
constexpr std::chrono::milliseconds kCheapLook(5);
constexpr int kLookShare = 10;
// Of a kernel that has to be asked for each page: a second, and a millisecond.
constexpr uint64_t kSlowLook = uint64_t{1} << 40;
constexpr uint64_t kSlowStop = uint64_t{1} << 30;
// In the stop; what is not judged by then is in the way.
constexpr std::chrono::milliseconds kJudgeLimit(100);

uint64_t size_of(const std::vector<RemoteRange> &ranges) {
  uint64_t size = 0;
  for (const RemoteRange &r : ranges)
    size += r.size();
  return size;
}

// The secret of glibc's setjmp: bytes 8 to 15 of what AT_RANDOM points to
// (_dl_setup_pointer_guard).
std::optional<uint64_t> pointer_guard(const Process &process, const RemoteMemory &memory) {
  std::optional<uint64_t> random = process.auxv(AT_RANDOM);
  uint64_t guard = 0;
  if (!random || memory.read_some(RemoteAddr(*random + 8), &guard, sizeof guard) != sizeof guard)
    return std::nullopt;
  return guard;
}

} // namespace

// What one stop found.
struct CoroutineCheck::Stop {
  const SafetyQuestion &question;
  std::vector<RemoteRange> ranges;
  std::vector<StoppedThread> threads;
  Marks marks;
  CachedMemory memory;
};

CoroutineCheck::CoroutineCheck(const Process &process, const RemoteMemory &memory,
                               CoroutineMode mode, CoroutineSigns signs)
    : process_(process), memory_(memory), mode_(mode), signs_(std::move(signs)),
      guard_(pointer_guard(process, memory)), pages_(process.tid()) {
  for (const std::string &reason : signs_.reasons)
    log_info("{}: may have stacks that no thread runs on: {}", process_.text(), reason);
}

CoroutineCheck::~CoroutineCheck() = default;

void CoroutineCheck::find_areas(const MemoryMap &map, const std::set<RemoteAddr> &except) {
  except_ = except;
  threads_.clear();
  areas_ = writable_areas(map, mode_ == CoroutineMode::scan, except);
  std::erase_if(areas_, [&](const Area &a) {
    bool thread = is_thread_stack(a, memory_);
    if (thread)
      threads_.push_back(a.range);
    return thread;
  });
  if (pages_.quick())
    return;
  std::erase_if(areas_, [&](const Area &a) {
    bool large = a.range.size() > kSlowLook;
    if (large)
      say_too_large(a.range);
    return large;
  });
}

// News where there may be coroutines; AddressSanitizer's shadow memory is the common case.
void CoroutineCheck::say_too_large(RemoteRange range) {
  LogLevel level = signs_.reasons.empty() ? LogLevel::info : LogLevel::warning;
  if (!said_large_ && log_enabled(level))
    log_text(level,
             fmt::format("{}: {} GiB of address space at {} are not looked through for other "
                         "stacks: this kernel (before 6.7) has to be asked for each page",
                         process_.text(), range.size() >> 30, range.begin));
  said_large_ = true;
}

void CoroutineCheck::look(const SafetyQuestion &question, const std::set<RemoteAddr> &except) {
  if (mode_ == CoroutineMode::off) {
    if (!signs_.reasons.empty() && !said_off_)
      log_warning("{}: stacks that no thread runs on are not looked at ({})", process_.text(),
                  signs_.reasons.front());
    said_off_ = true;
    return;
  }
  Clock::time_point begin = Clock::now();
  if (code_ && look_cost_ > kCheapLook && begin - looked_at_ < look_cost_ * kLookShare)
    return;
  MemoryMap map = process_.read_map();
  tables_ = question.tables;
  code_ = std::make_unique<CodeMap>(map, tables_, memory_);
  find_areas(map, except);
  std::vector<RemoteRange> all;
  std::vector<RemoteRange> guarded;
  for (const Area &area : areas_) {
    std::vector<RemoteRange> pages = pages_.of(area.range);
    all.insert(all.end(), pages.begin(), pages.end());
    if (area.guarded)
      guarded.insert(guarded.end(), pages.begin(), pages.end());
  }
  resident_ = size_of(all);
  pages_seen_ = std::move(all);
  bool everything =
      mode_ == CoroutineMode::scan || !signs_.reasons.empty() || resident_ <= kLookLimit;
  const std::vector<RemoteRange> &ranges = everything ? pages_seen_ : guarded;
  Marks marks;
  ScanRules rules{question.forbidden, *code_, guard_, signs_.bodies, true};
  read_ranges(memory_, ranges, [&](RemoteAddr at, std::span<const std::byte> content) {
    scan_memory(at, content, rules, marks);
  });
  note_stacks(marks);
  report_.bytes_before = size_of(ranges);
  looked_at_ = Clock::now();
  look_cost_ = looked_at_ - begin;
  log_debug("{}: {} KiB of {} looked through for other stacks in {} us: {} pages with return "
            "addresses, {} into the code, {} threads' stacks left out",
            process_.text(), report_.bytes_before >> 10, resident_ >> 10, look_cost_.count() / 1000,
            marks.stack_pages.size(), marks.candidates.size(), threads_.size());
}

void CoroutineCheck::note_stacks(const Marks &marks) {
  stacks_.clear();
  auto note = [&](RemoteAddr at) {
    const Area *area = find_area(areas_, at);
    if (!area)
      return;
    if (area->guarded) {
      stacks_.push_back(area->range);
      return;
    }
    uint64_t begin = area->range.begin.value;
    uint64_t end = area->range.end.value;
    uint64_t page = at.value & ~(kPage - 1);
    stacks_.push_back({RemoteAddr(page - std::min(page - begin, kMargin)),
                       RemoteAddr(page + std::min(end - page, kMargin))});
  };
  for (uint64_t page : marks.stack_pages)
    note(RemoteAddr(page * kPage));
  for (const std::vector<FoundWord> *words : {&marks.frames, &marks.candidates}) {
    for (const FoundWord &w : *words)
      note(w.at);
  }
  for (const std::vector<RemoteAddr> *contexts :
       {&marks.ucontexts, &marks.fcontexts, &marks.jump_buffers}) {
    for (RemoteAddr at : *contexts)
      note(at);
  }
  merge(stacks_);
}

bool CoroutineCheck::worth_a_stop() const {
  return code_ && (mode_ == CoroutineMode::scan || !signs_.reasons.empty() || !stacks_.empty());
}

// In the stop a kernel that is slow to tell is not asked about large areas: what was seen
// before has to do.
std::vector<RemoteRange> CoroutineCheck::pages_in_stop(RemoteRange range) const {
  if (pages_.quick() || range.size() <= kSlowStop)
    return pages_.of(range);
  std::vector<RemoteRange> pages;
  for (const RemoteRange &seen : pages_seen_) {
    RemoteRange part{std::max(seen.begin, range.begin), std::min(seen.end, range.end)};
    if (part.begin < part.end)
      pages.push_back(part);
  }
  return pages;
}

std::vector<RemoteRange> CoroutineCheck::ranges_in_stop(const MemoryMap &map) {
  std::vector<RemoteRange> ranges;
  auto add = [&](const std::vector<RemoteRange> &more) {
    for (const RemoteRange &r : more) {
      std::vector<RemoteRange> pages = pages_in_stop(r);
      ranges.insert(ranges.end(), pages.begin(), pages.end());
    }
  };
  bool everything = mode_ == CoroutineMode::scan || resident_ <= kStopLimit;
  std::vector<Area> fresh;
  for (Area &area : writable_areas(map, mode_ == CoroutineMode::scan, except_)) {
    bool thread = std::any_of(threads_.begin(), threads_.end(),
                              [&](const RemoteRange &r) { return r.overlaps(area.range); });
    std::vector<RemoteRange> rest = outside(areas_, area.range);
    if (thread || (!rest.empty() && is_thread_stack(area, memory_)))
      continue;
    if (everything)
      add({area.range});
    else
      add(rest);
    fresh.push_back(std::move(area));
  }
  areas_ = std::move(fresh);
  if (!everything)
    add(stacks_);
  merge(ranges);
  return ranges;
}

std::optional<std::string> CoroutineCheck::obstacle(const StoppedThreads &threads,
                                                    const SafetyQuestion &question) {
  if (!worth_a_stop())
    return std::nullopt;
  Stop stop{question, ranges_in_stop(process_.read_map()), {}, {}, CachedMemory(memory_)};
  ScanRules rules{question.forbidden, *code_, guard_, signs_.bodies, false};
  read_ranges(memory_, stop.ranges, [&](RemoteAddr at, std::span<const std::byte> content) {
    scan_memory(at, content, rules, stop.marks);
  });
  report_.bytes_stopped = size_of(stop.ranges);
  report_.live = report_.stale = report_.contexts = 0;
  if (stop.marks.candidates.empty() && stop.marks.frames.empty())
    return std::nullopt;
  for (pid_t tid : threads.stopped()) {
    StoppedThread thread{tid, {}};
    if (ptrace(PTRACE_GETREGS, tid, 0, &thread.regs) != 0)
      throw no_such_process(threads.pid());
    stop.threads.push_back(thread);
  }
  return judge_all(stop);
}

void CoroutineCheck::say(const FoundWord &found, const std::string &function,
                         const std::string &judgement) const {
  const Area *area = find_area(areas_, found.at);
  log_info("{}: at {} in {} stands {}, in {}: {}", process_.text(), found.at,
           area ? area->name : "?", found.value, function, judgement);
}

// Does anything but the word itself tell of stacks that no thread runs on?
bool CoroutineCheck::counts_in_doubt(const Area *area) const {
  return mode_ == CoroutineMode::scan || !signs_.reasons.empty() || (area && area->guarded);
}

std::optional<std::string> CoroutineCheck::judge_all(Stop &stop) {
  auto function_of = [&](RemoteAddr value) {
    const CodeRange *range = stop.question.forbidden.holds(value - 1);
    if (!range)
      range = stop.question.forbidden.holds(value);
    return range ? range->name : std::string("?");
  };
  for (const FoundWord &found : stop.marks.frames) {
    std::string function = function_of(found.value + 1);
    const Area *area = find_area(areas_, found.at);
    // Tables of functions are in files, frames are not.
    if (area && area->name.starts_with("/"))
      continue;
    say(found, function, "a coroutine that is suspended in it");
    report_.live++;
    return fmt::format("the coroutine frame at {} is suspended in {}", found.at, function);
  }
  bool whole = report_.bytes_stopped >= resident_;
  FinderInput input{memory_,    stop.question.map, areas_, stop.ranges,      whole,
                    stop.marks, stop.threads,      guard_, signs_.long_jumps};
  std::vector<SavedContext> contexts = ContextFinder(input, *code_, stop.memory).find();
  report_.contexts = contexts.size();
  Judge judge({areas_, tables_, std::move(contexts), stop.marks.ucontexts}, *code_, stop.memory);
  Clock::time_point deadline = Clock::now() + kJudgeLimit;
  for (const FoundWord &found : stop.marks.candidates) {
    std::string function = function_of(found.value);
    if (Clock::now() > deadline)
      return fmt::format("suspended stacks hold {} return addresses into the code, which is too "
                         "many to judge",
                         stop.marks.candidates.size());
    Judgement judgement = judge.judge(found);
    const Area *area = find_area(areas_, found.at);
    bool live = judgement.verdict == Verdict::live ||
                (judgement.verdict == Verdict::doubtful && counts_in_doubt(area));
    say(found, function, (live ? "in use: " : "stale: ") + judgement.why);
    if (!live) {
      report_.stale++;
      continue;
    }
    report_.live++;
    return fmt::format("a suspended stack at {} in {} returns into {} ({})\n{}", found.at,
                       area ? area->name : "?", function, judgement.why,
                       stack_text(judgement.stack, tables_));
  }
  return std::nullopt;
}

bool CoroutineCheck::made_by_hand(RemoteAddr pc) {
  if (!worth_a_stop())
    return false;
  return pc.value == 0 ||
         (code_->executable(pc) && !code_->is_return_address(pc) && !code_->is_signal_return(pc));
}

} // namespace care
