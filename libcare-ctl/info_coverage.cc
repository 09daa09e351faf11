// SPDX-License-Identifier: GPL-2.0-or-later
//
// Is every process patched that should be? For people as a table, for monitoring as an
// exit code.
#include <map>

#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/json/json.h"
#include "lib/target/coverage.h"
#include "libcare-ctl/info.h"
#include "libcare-ctl/table.h"

namespace care::ctl {

namespace {

struct ProcessCoverage {
  pid_t pid = 0;
  std::string comm;
  std::vector<Coverage> objects;
};

Coverage unknown_because(const Error &e) {
  Coverage c;
  c.object = "?";
  c.state = CoverageState::unknown;
  c.reason = e.message();
  return c;
}

// What may not be traced or is no 64-bit program has to be told apart from what needs no
// patch.
std::vector<Coverage> look_without_memory(pid_t pid, const Error &error, const Bundle &bundle) {
  if (error.code() != ExitCode::unsupported)
    return {unknown_because(error)};
  try {
    return coverage_by_name(parse_maps(read_file(fmt::format("/proc/{}/maps", pid))), bundle,
                            "32-bit program: no patch can be for it");
  } catch (const std::exception &e) {
    return {unknown_because(as_error(e))};
  }
}

ProcessCoverage look_at(pid_t pid, const Bundle &bundle, bool all) {
  ProcessCoverage process;
  process.pid = pid;
  try {
    process.comm = read_status(pid).comm;
    process.objects = coverage_of(Target(pid), bundle);
  } catch (const std::exception &thrown) {
    Error e = as_error(thrown);
    bool gone = e.code() == ExitCode::no_process || !process_alive(pid);
    if (gone && !all)
      throw;
    if (!gone)
      process.objects = look_without_memory(pid, e, bundle);
  }
  return process;
}

Json coverage_json(const Coverage &c) {
  Json j = {{"object", c.object},
            {"build_id", hex_text(c.build_id)},
            {"state", coverage_text(c.state)},
            {"level", c.level},
            {"reason", c.reason}};
  if (c.wanted) {
    j["wanted_level"] = c.wanted->file.metadata.level;
    j["patch"] = c.wanted->file.path;
  }
  return j;
}

Json process_json(const ProcessCoverage &process) {
  Json j = {{"pid", process.pid}, {"comm", process.comm}};
  bool complete = true;
  j["objects"] = Json::array();
  for (const Coverage &c : process.objects) {
    j["objects"].push_back(coverage_json(c));
    complete = complete && !lacks_patch(c.state);
  }
  j["complete"] = complete;
  return j;
}

Tone tone_of(CoverageState state) {
  switch (state) {
  case CoverageState::patched:
  case CoverageState::newer:
    return Tone::good;
  case CoverageState::missing:
    return Tone::bad;
  default:
    return Tone::warning;
  }
}

void add_rows(const ProcessCoverage &process, Table &table) {
  for (const Coverage &c : process.objects) {
    bool carries = c.state != CoverageState::missing && c.state != CoverageState::other_build &&
                   c.state != CoverageState::unknown;
    std::string wanted = c.wanted ? std::to_string(c.wanted->file.metadata.level) : "-";
    table.add({{std::to_string(process.pid)},
               {process.comm},
               {c.object},
               {coverage_text(c.state), tone_of(c.state)},
               {carries ? std::to_string(c.level) : "-"},
               {wanted},
               {c.reason}});
  }
}

void print_summary(const std::map<CoverageState, int> &counts) {
  std::string text;
  for (const auto &[state, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, coverage_text(state));
  if (text.empty())
    log_warning("no process has loaded an object that the bundle has a patch for");
  else
    log_info("{}", text);
}

} // namespace

ExitCode show_coverage(const InfoOptions &options) {
  Bundle bundle = read_bundle({options.bundle});
  PidSelection selection = select_pids(options.pids);
  Json processes = Json::array();
  Table table({{"PID", true},
               {"COMM"},
               {"OBJECT"},
               {"STATE"},
               {"LEVEL", true},
               {"WANTED", true},
               {"REASON"}});
  std::map<CoverageState, int> counts;
  ExitCode code = ExitCode::ok;
  for (pid_t pid : selection.pids) {
    ProcessCoverage process = look_at(pid, bundle, selection.all);
    for (const Coverage &c : process.objects) {
      counts[c.state]++;
      if (lacks_patch(c.state))
        code = ExitCode::lacks_patch;
    }
    if (!options.json)
      add_rows(process, table);
    else if (!process.objects.empty() || !selection.all)
      processes.push_back(process_json(process));
  }
  if (options.json)
    print_json(processes.sorted_text(2));
  else
    pass_on(stdout, table.text(stdout_style()));
  print_summary(counts);
  return code;
}

} // namespace care::ctl
