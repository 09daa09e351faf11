// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/bundle.h"

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "kpatch_cc/store_layout.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"
#include "lib/layout/describe.h"
#include "lib/layout/passing.h"
#include "packaging/kpatch_make/compilers.h"
#include "packaging/kpatch_make/fixes.h"
#include "packaging/kpatch_make/work_area.h"

namespace care {

namespace fs = std::filesystem;

namespace {

std::string description_of(const MakeOptions &options) {
  if (!options.description.empty())
    return options.description;
  std::string text = options.all ? "every function replaced by itself" : "";
  for (const std::string &patch : options.patches)
    text += (text.empty() ? "" : ", ") + fs::path(patch).filename().string();
  return text;
}

// One JSON object that kpatch_tool prints. Warnings on stderr come in front of it.
nlohmann::ordered_json ask_tool(const std::vector<std::string> &argv) {
  Command command;
  command.argv = argv;
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw error(static_cast<ExitCode>(outcome.exit_status), "{} failed:\n{}",
                shell_text({"kpatch_tool", argv[1]}), last_lines(outcome.output));
  size_t brace = outcome.output.find('{');
  if (brace == std::string::npos)
    throw error("kpatch_tool gave no summary:\n{}", last_lines(outcome.output));
  if (brace > 0)
    fmt::print(stderr, "{}", outcome.output.substr(0, brace));
  return nlohmann::ordered_json::parse(outcome.output.substr(brace));
}

std::set<std::string> names_of(const nlohmann::ordered_json &made) {
  auto names = made.value("changed_names", std::vector<std::string>{});
  return {names.begin(), names.end()};
}

PatchSummary make_patch(const Pair &pair, const MakeOptions &options, const std::string &tool,
                        const std::string &folder, const LayoutCheck &types) {
  auto begin = std::chrono::steady_clock::now();
  // Bundles of several names can be put into one folder.
  std::string output = fmt::format("{}/{}{}{}.kpatch", folder, pair.original.build_id,
                                   options.name.empty() ? "" : "-", options.name);
  // The base name of the target file becomes the object's name in the patch.
  std::string targets = folder + ".targets/" + pair.original.build_id;
  fs::create_directories(targets);
  std::string target = targets + "/" + pair.object;
  fs::create_hard_link(pair.original.copy, target);
  std::vector<std::string> argv = {
      tool, "make", pair.patched.copy, "--target",      target,
      "-o", output, "--json",          "--description", description_of(options)};
  if (options.all)
    argv.emplace_back("--leave-out");
  if (!options.name.empty())
    argv.insert(argv.end(), {"--name", options.name});
  if (options.level)
    argv.insert(argv.end(), {"--level", std::to_string(*options.level)});
  PatchSummary row;
  row.made = ask_tool(argv);
  row.layout = layout_of(types, row.made.value("changed_names", std::vector<std::string>{}));
  find_passing(pair.original.copy, names_of(row.made), row.layout);
  if (row.layout.refused()) {
    fs::remove(output);
    row.refused = fmt::format("{} ({}): types changed that live objects have\n{}", pair.object,
                              pair.original.output, describe_layout(row.layout));
    row.refused_code = ExitCode::unsupported;
    return row;
  }
  if (std::vector<std::string> more = layout_arguments(row.layout); !more.empty()) {
    argv.insert(argv.end(), more.begin(), more.end());
    row.made = ask_tool(argv);
  }
  row.changed = row.made.value("changed", 0);
  row.new_functions = row.made.value("new_functions", 0);
  row.new_data = row.made.value("new_data", 0);
  row.spared = row.made.value("spared", 0);
  row.left_out = row.made.value("left_out", row.left_out);
  row.size = fs::file_size(output);
  row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!options.report.empty() || !options.json.empty())
    row.shown = ask_tool({tool, "show", output, "--json"});
  return row;
}

void keep_links(const std::vector<Link> &links, const std::string &folder) {
  fs::create_directories(folder);
  for (const Link &link : links) {
    std::string to = folder + "/" + fs::path(link.output).filename().string();
    // Two objects of one name: the later gets its build-id behind it.
    if (fs::exists(to))
      to += "-" + link.build_id.substr(0, 8);
    fs::copy_file(link.copy, to, fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add);
  }
}

} // namespace

std::vector<PatchSummary> make_patches(const std::vector<Pair> &pairs, const MakeOptions &options,
                                       const std::string &folder, const LayoutCheck &types) {
  std::string tool = find_tool("KPATCH_TOOL", "kpatch_tool");
  fs::create_directories(folder);
  std::vector<PatchSummary> rows;
  for (const Pair &pair : pairs) {
    PatchSummary row;
    try {
      row = make_patch(pair, options, tool, folder, types);
    } catch (const Error &e) {
      row.refused = fmt::format("{} ({}): {}", pair.object, pair.original.output, e.message());
      row.refused_code = e.code();
    }
    row.object = pair.object;
    row.build_id = pair.original.build_id;
    rows.push_back(std::move(row));
  }
  return rows;
}

void check_refusals(const std::vector<PatchSummary> &rows) {
  std::string refusals;
  ExitCode code = ExitCode::failure;
  for (const PatchSummary &row : rows) {
    if (row.refused.empty())
      continue;
    code = row.refused_code;
    refusals += (refusals.empty() ? "" : "\n") + row.refused;
  }
  if (!refusals.empty())
    throw error(code, "{}", refusals).with_hint("no bundle was written");
}

void deliver(const std::string &folder, const std::string &bundle) {
  std::error_code failure;
  fs::create_directories(bundle, failure);
  if (failure)
    throw system_error(failure.value(), "cannot create {}", bundle);
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    write_file(bundle + "/" + entry.path().filename().string(), read_file(entry.path()));
}

void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree) {
  if (options.keep.empty())
    return;
  for (const auto &[stage, log] : logs) {
    std::string folder = options.keep + "/" + stage;
    fs::remove_all(folder); // of an earlier run
    fs::create_directories(folder);
    if (fs::exists(log))
      fs::copy_file(log, folder + "/build.log");
  }
  keep_links(pairing.originals, options.keep + "/" + kStageOriginal);
  keep_links(pairing.patched, options.keep + "/" + kStagePatched);
  if (!pairing.originals.empty())
    copy_tree(original_tree, options.keep + "/" + kStageOriginal + "/tree");
}

} // namespace care
