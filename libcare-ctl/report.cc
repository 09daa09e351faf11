// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/report.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/json/json.h"
#include "lib/process/process.h"

namespace care::ctl {

namespace {

double microseconds_of(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

Json object_json(const ObjectReport &o) {
  Json j = {{"object", o.object},
            {"build_id", hex_text(o.build_id)},
            {"result", result_text(o.result)},
            {"name", o.name},
            {"level", o.level},
            {"functions", o.functions},
            {"region", fmt::format("{}", o.region)},
            {"region_size", o.region_size}};
  if (o.replaced_level)
    j["replaced_level"] = *o.replaced_level;
  return j;
}

// ", fix-1 level 3 for level 2"; nothing for a patch without a name and a level.
std::string level_column(const ObjectReport &o) {
  std::string text;
  if (!o.name.empty() || o.level != 0 || o.replaced_level.value_or(0) != 0)
    text = ", " + level_text(o.name, o.level);
  if (o.replaced_level)
    text += fmt::format(" for level {}", *o.replaced_level);
  return text;
}

Json outcome_json(const ProcessOutcome &outcome) {
  const ProcessReport &r = outcome.report;
  Json j = {{"pid", outcome.pid}, {"exit_code", static_cast<int>(outcome.code)}};
  if (!outcome.error.empty()) {
    j["error"] = outcome.error;
    if (!outcome.hint.empty())
      j["hint"] = outcome.hint;
    return j;
  }
  j["comm"] = r.comm;
  j["objects"] = Json::array();
  for (const ObjectReport &o : r.objects)
    j["objects"].push_back(object_json(o));
  j["removed"] = Json::array();
  for (const ObjectReport &o : r.removed)
    j["removed"].push_back(object_json(o));
  j["warnings"] = r.warnings;
  if (r.committed) {
    j["stopped_us"] = microseconds_of(r.commit.stop_time);
    j["longest_stop_us"] = microseconds_of(r.commit.longest_stop);
    j["retries"] = r.commit.retries;
    j["threads"] = r.commit.stats.threads;
    j["words_scanned"] = r.commit.stats.words;
    j["suspended"] = {{"kib_before", r.commit.coroutines.bytes_before >> 10},
                      {"kib_stopped", r.commit.coroutines.bytes_stopped >> 10},
                      {"contexts", r.commit.coroutines.contexts},
                      {"stale", r.commit.coroutines.stale}};
    j["threads_unwound"] = r.commit.stats.unwound;
    j["phases_us"] = {{"inspect", microseconds_of(r.phases.inspect)},
                      {"stage", microseconds_of(r.phases.stage)},
                      {"register", microseconds_of(r.phases.register_frames)},
                      {"commit", microseconds_of(r.phases.commit)},
                      {"clean_up", microseconds_of(r.phases.clean_up)}};
    j["hooks"] = Json::array();
    for (const HookReport &h : r.commit.hooks)
      j["hooks"].push_back({{"object", h.object},
                            {"hook", h.hook},
                            {"result", h.result},
                            {"us", microseconds_of(h.time)}});
  }
  return j;
}

std::string stats_text(const ProcessReport &r) {
  const CommitReport &c = r.commit;
  return fmt::format("{} threads, {} words scanned, {} stacks unwound, {} retries, longest stop "
                     "{:.0f} us; inspect {:.0f} us, stage {:.0f} us, register {:.0f} us, commit "
                     "{:.0f} us, clean up {:.0f} us",
                     c.stats.threads, c.stats.words, c.stats.unwound, c.retries,
                     microseconds_of(c.longest_stop), microseconds_of(r.phases.inspect),
                     microseconds_of(r.phases.stage), microseconds_of(r.phases.register_frames),
                     microseconds_of(r.phases.commit), microseconds_of(r.phases.clean_up));
}

void print_report(const ProcessReport &r, const ReportOptions &options) {
  std::string who = fmt::format("pid {} ({})", r.pid, r.comm);
  for (const std::string &warning : r.warnings)
    log_warning("{}: {}", who, warning);
  for (const ObjectReport &o : r.removed)
    print_out("{}: {}: {}\n", who, o.object, result_text(o.result));
  if (r.objects.empty()) {
    if (!options.all)
      print_out("{}: {}\n", who, options.nothing);
    return;
  }
  for (const ObjectReport &o : r.objects) {
    print_out("{}: {}: {}{}, {} function{} ({})\n", who, o.object, result_text(o.result),
              level_column(o), o.functions.size(), o.functions.size() == 1 ? "" : "s",
              fmt::join(o.functions, ", "));
  }
  if (!r.committed)
    return;
  for (const HookReport &h : r.commit.hooks)
    print_out("{}: {}: {} ran for {:.0f} us\n", who, h.object, h.hook, microseconds_of(h.time));
  print_out("{}: stopped for {:.0f} us\n", who, microseconds_of(r.commit.stop_time));
  std::string stats = stats_text(r);
  if (options.stats)
    print_out("{}: {}\n", who, stats);
  else
    log_info("{}: {}", who, stats);
}

ProcessOutcome run_one(pid_t pid, const std::function<ProcessReport(pid_t)> &work) {
  ProcessOutcome outcome;
  outcome.pid = pid;
  try {
    outcome.report = work(pid);
    if (outcome.report.objects.empty())
      outcome.code = ExitCode::nothing_to_do;
  } catch (const std::exception &thrown) {
    Error e = as_error(thrown);
    outcome.error = e.message();
    outcome.hint = e.hint();
    // Whatever it was that failed: when the target is gone, that is why.
    outcome.code = process_alive(pid) ? e.code() : ExitCode::no_process;
    if (outcome.code == ExitCode::no_process && e.code() != ExitCode::no_process)
      outcome.error = fmt::format("pid {}: it exited meanwhile ({})", pid, e.message());
  }
  return outcome;
}

void print_error(const ProcessOutcome &outcome) {
  print_err("libcare-ctl: {}\n", outcome.error);
  if (!outcome.hint.empty())
    print_err("hint: {}\n", outcome.hint);
}

} // namespace

ExitCode run_for_processes(const PidSelection &selection, const ReportOptions &options,
                           const std::function<ProcessReport(pid_t)> &work) {
  Json results = Json::array();
  ExitCode worst = ExitCode::ok;
  bool anything = false;
  for (pid_t pid : selection.pids) {
    ProcessOutcome outcome = run_one(pid, work);
    // Of all processes some exit while we go through them, some are 32-bit.
    bool passed_over = selection.all && (outcome.code == ExitCode::no_process ||
                                         outcome.code == ExitCode::unsupported ||
                                         outcome.code == ExitCode::nothing_to_do);
    if (options.json && !passed_over)
      results.push_back(outcome_json(outcome));
    else if (!options.json && outcome.error.empty())
      print_report(outcome.report, options);
    if (passed_over) {
      if (!outcome.error.empty())
        log_info("{}", outcome.error);
      continue;
    }
    if (!options.json && !outcome.error.empty())
      print_error(outcome);
    anything = anything || outcome.code != ExitCode::nothing_to_do;
    if (outcome.code != ExitCode::nothing_to_do && worst == ExitCode::ok)
      worst = outcome.code;
  }
  if (options.json)
    print_json(results.sorted_text(2));
  return anything ? worst : ExitCode::nothing_to_do;
}

} // namespace care::ctl
