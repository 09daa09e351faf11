// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/make_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <unistd.h>

#include "kpatch_make/build/compilers.h"
#include "kpatch_make/objects/binding.h"
#include "kpatch_make/objects/delivery.h"
#include "kpatch_make/objects/layout_check.h"
#include "kpatch_make/objects/object_pairing.h"
#include "kpatch_make/objects/object_results.h"
#include "kpatch_make/objects/public_names.h"
#include "kpatch_make/report/report_facts.h"
#include "kpatch_make/report/summary.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/json/json.h"
#include "lib/layout/describe.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace {

// What kpatch_cc wrote down about several files; nothing when there was nothing to say.
std::vector<std::string> notes_in(const std::string &path) {
  return std::filesystem::exists(path) ? lines_of_file(path) : std::vector<std::string>();
}

// A build that failed because kpatch_cc refused a file fails for that reason, whatever
// make and the compiler driver said on top.
void report_refusal(const WorkArea &area, const MakeOptions &options) {
  std::string path = area.store() + "/" + kStoreStopped;
  if (!std::filesystem::exists(path))
    return;
  std::string text = read_file(path);
  while (text.ends_with('\n'))
    text.pop_back();
  // What the assembly cannot tell: which members.
  if (std::string types = describe_layout(check_layout(area.store(), options).report);
      !types.empty())
    text += "\nchanged types:\n" + types;
  throw error(ExitCode::unsupported, "cannot be carried over: {}", text)
      .with_hint("no bundle was written; the source tree is as it was");
}

// `make CC=/opt/gcc/bin/gcc` names a compiler as well as the environment does.
void redirect_compilers(std::vector<std::string> &command, const std::string &links,
                        const std::string &kpatch_cc) {
  for (std::string &word : command)
    for (std::string_view name : {"CC=", "CXX="})
      if (word.starts_with(name))
        word = std::string(name) + through_links(word.substr(name.size()), links, kpatch_cc);
}

void check_original(const BuildResult &result, const MakeOptions &options) {
  if (result.assembled == 0)
    throw error("{} compiled nothing", options.command[0])
        .with_hint("the tree is built already, or the compiler is not one that kpatch_cc stands "
                   "for; have the command clean first: sh -c 'make clean && make'");
}

// What was linked; refusals of objects that no link has matter when nothing changed.
void check_changed(const RunSummary &summary) {
  for (const std::string &path : summary.added)
    log_warning("{}: only the patched build links it; no patch for it", path);
  if (code_of(summary.objects) != ExitCode::nothing_to_do)
    return;
  if (!summary.refused.empty() && summary.objects.empty())
    throw error(ExitCode::unsupported, "cannot be carried over: {}", summary.refused.front())
        .with_hint("no bundle was written; the source tree is as it was");
  throw error(ExitCode::nothing_to_do,
              "no executable or shared object changed: the fix has no effect on the code")
      .with_hint("does the build compile the files that the patch touches?");
}

// What the patches are for, when it is not what the build made.
ShippedFiles find_targets(const MakeOptions &options, const Pairing &pairing,
                          const WorkArea &area) {
  ShippedFiles targets;
  targets.given = !options.targets.empty();
  if (!targets.given)
    return targets;
  targets.files = read_targets(options.targets, names_of(pairing), area.folder() + "/targets");
  if (targets.files.empty())
    throw error(ExitCode::usage, "no executable or shared object in what --target names");
  return targets;
}

// Types that are no reason to refuse, but that a reviewer has to know of.
void say_layout(const LayoutReport &report) {
  for (const TypeFinding &finding : report.findings) {
    std::string text = describe_finding(finding);
    text.pop_back();
    if (finding.verdict == LayoutVerdict::passing || finding.verdict == LayoutVerdict::stack)
      log_warning("{}", text);
    else if (finding.verdict != LayoutVerdict::refused)
      log_info("{}", text);
  }
}

// What went into patches without debug information, each file once.
std::vector<std::string> unchecked_types(const std::vector<PatchSummary> &rows) {
  std::vector<std::string> lines;
  for (const PatchSummary &row : rows)
    for (const std::string &line : row.layout.unchecked)
      if (row.verdict == ObjectVerdict::patched &&
          std::find(lines.begin(), lines.end(), line) == lines.end())
        lines.push_back(line);
  return lines;
}

// What is known of a run so far.
struct Run {
  MakeOptions options;
  RunSummary summary;
  Pairing pairing;
};

// The reports that were asked for; `failure` says what ended the run.
void write_reports(const Run &run, const WorkArea &area, const std::string &failure) {
  const MakeOptions &options = run.options;
  if (options.report.empty() && options.json.empty())
    return;
  SourceTrees trees{options.directory, area.tree(kStageOriginal), area.tree(kStagePatched)};
  Json facts = report_facts({options, run.summary, run.pairing, area.store(), trees, failure});
  if (!options.report.empty())
    write_file(options.report, report_page(facts), 0644);
  if (options.json.empty())
    return;
  std::string text = facts.text(2);
  if (options.json == "-")
    print_json(text);
  else
    write_file(options.json, text + "\n", 0644);
}

// A verdict for every object, and the patches.
void judge(Run &run, const WorkArea &area) {
  RunSummary &summary = run.summary;
  summary.added = run.pairing.added;
  summary.refused = notes_in(area.store() + "/" + kStoreRefused);
  for (const std::string &line : notes_in(area.store() + "/" + kStoreStrict))
    log_warning("line numbers count as changes: {}", line);
  LayoutCheck types = check_layout(area.store(), run.options);
  summary.layout = types.report;
  std::optional<std::set<std::string>> words;
  if (types.report.refused())
    words = header_words(run.options.headers, area.folder() + "/headers");
  Rows rows =
      make_rows(run.pairing, find_targets(run.options, run.pairing, area),
                {run.options, types, area.folder() + "/bundle", run.pairing.originals, words});
  summary.objects = std::move(rows.rows);
  summary.not_shipped = std::move(rows.not_shipped);
  summary.layout.unchecked = unchecked_types(summary.objects);
  for (const std::string &line : summary.layout.unchecked)
    log_warning("types not checked: {}", line);
  for (const PatchSummary &row : summary.objects)
    say_layout(row.layout);
  for (const std::string &path : summary.not_shipped)
    log_info("{}: not among the targets: no patch for it", path);
  check_changed(summary);
  ExitCode code = code_of(summary.objects);
  if (code != ExitCode::ok && !(code == ExitCode::partial && run.options.partial))
    throw refusal_error(summary.objects);
}

// Adds the time of its life to a sum, whatever ends it.
class Stopwatch {
 public:
  explicit Stopwatch(double &seconds) : seconds_(seconds) {}
  Stopwatch(const Stopwatch &) = delete;
  Stopwatch &operator=(const Stopwatch &) = delete;
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  double &seconds_;
  Clock::time_point begin_ = Clock::now();
};

// Both builds; their logs are kept whatever comes of it.
void run_builds(Run &run, Build build, const WorkArea &area, const Guardian &guardian) {
  RunSummary &summary = run.summary;
  std::vector<std::pair<std::string, std::string>> logs = {
      {kStageOriginal, area.log(kStageOriginal)},
      {kStagePatched, area.log(kStagePatched)},
      {kStagePatched, area.store() + "/" + kStoreReused},
      {kStagePatched, area.store() + "/" + kStoreAgain}};
  try {
    build.stage = kStageOriginal;
    summary.original = run_build(build, area, guardian);
    check_original(summary.original, run.options);
    build.stage = kStagePatched;
    summary.patched = run_build(build, area, guardian);
  } catch (const std::exception &) {
    try {
      keep_results(run.options, {}, logs, area.tree(kStageOriginal));
    } catch (const std::exception &other) { // what ended the run matters more
      log_warning("--keep: {}", as_error(other).message());
    }
    report_refusal(area, run.options);
    throw;
  }
  Stopwatch stopwatch(summary.verdict_seconds);
  BuiltTree tree{run.options.directory, area.tree(kStageOriginal), area.tree(kStagePatched),
                 !run.options.targets.empty()};
  run.pairing = pair_links(area.store(), tree);
  keep_results(run.options, run.pairing, logs, area.tree(kStageOriginal));
  judge(run, area);
}

} // namespace

void add_kpatch_variables(Build &build, const MakeOptions &options, const WorkArea &area) {
  build.environment[kTreeVariable] = options.directory;
  build.environment[kOriginalTreeVariable] = area.tree(kStageOriginal);
  build.environment[kStrictLinesVariable] = options.strict_lines ? "1" : "";
  build.environment[kAllVariable] = options.all ? "1" : "";
  build.environment[kGatherVariable] = "1";
}

Build prepare_build(const MakeOptions &options, const WorkArea &area, Isolation isolation) {
  std::string kpatch_cc = find_tool("KPATCH_CC", "kpatch_cc");
  make_links(area.links(), kpatch_cc);
  Build build;
  build.command = options.command;
  redirect_compilers(build.command, area.links(), kpatch_cc);
  build.environment = build_environment(area.links(), area.store(), kpatch_cc);
  add_kpatch_variables(build, options, area);
  build.tree = options.directory;
  build.isolation = isolation;
  build.verbose = options.verbose;
  return build;
}

ExitCode make_bundle(const MakeOptions &options, const Build &build, const WorkArea &area,
                     const Guardian &guardian) {
  Run run{options, {}, {}};
  run.summary.bundle = options.bundle;
  try {
    run_builds(run, build, area, guardian);
  } catch (const std::exception &e) {
    try {
      write_reports(run, area, as_error(e).message());
    } catch (const std::exception &other) { // what ended the run matters more
      log_warning("no report: {}", as_error(other).message());
    }
    throw;
  }
  deliver(area.folder() + "/bundle", options);
  write_reports(run, area, "");
  if (options.json != "-")
    write_all(STDOUT_FILENO, summary_table(run.summary), "stdout");
  return code_of(run.summary.objects);
}

} // namespace care::make
