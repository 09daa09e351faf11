// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/object_patch.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "kpatch_make/build/compilers.h"
#include "kpatch_make/objects/public_names.h"
#include "kpatch_make/sources/fixes.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/elf/dynamic.h"
#include "lib/elf/elf_file.h"
#include "lib/json/json.h"
#include "lib/layout/passing.h"

namespace care::make {

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

// What a tool said before it failed: its message, and its hint as ours.
Error tool_failure(const std::string &action, const Outcome &outcome) {
  std::string text = outcome.output;
  std::string hint;
  if (size_t at = text.rfind("\nhint: "); at != std::string::npos) {
    hint = text.substr(at + 7);
    text.resize(at + 1);
  }
  while (hint.ends_with('\n'))
    hint.pop_back();
  return error(static_cast<ExitCode>(outcome.exit_status), "{} failed:\n{}",
               "kpatch_tool " + action, last_lines(text))
      .with_hint(hint);
}

// The target under the name that becomes the object's name in the patch.
std::string named_target(const std::string &file, const std::string &build_id,
                         const std::string &name, const std::string &folder) {
  std::string place = folder + ".targets/" + build_id;
  fs::create_directories(place);
  std::string target = place + "/" + name;
  if (!fs::exists(fs::symlink_status(target)))
    fs::create_symlink(file, target);
  return target;
}

// Would nothing ever run what the patch brings? A source that goes into several objects may
// get a function that only one of them uses. What is exported may have users elsewhere.
bool without_effect(const Json &made, const std::string &patched) {
  if (made.integer_or("changed", 1) != 0 || made.integer_or("hooks", 1) != 0)
    return false;
  std::vector<std::string> added = made.strings_or("new_names", {});
  ElfFile elf(patched);
  DynamicTables dynamic(elf);
  return std::none_of(dynamic.symbols().begin(), dynamic.symbols().end(),
                      [&](const DynamicSymbol &symbol) {
                        return symbol.symbol.defined() &&
                               std::find(added.begin(), added.end(), symbol.name) != added.end();
                      });
}

} // namespace

Json ask_kpatch_tool(const std::vector<std::string> &arguments) {
  Command command;
  command.argv = {find_tool("KPATCH_TOOL", "kpatch_tool")};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw tool_failure(arguments[0], outcome);
  // Warnings on stderr come in front of it.
  size_t brace = outcome.output.find('{');
  if (brace == std::string::npos)
    throw error("kpatch_tool gave no summary:\n{}", last_lines(outcome.output));
  if (brace > 0)
    pass_on(stderr, outcome.output.substr(0, brace));
  return Json::parse(outcome.output.substr(brace));
}

void make_patch(PatchSummary &row, const Pair &pair, const std::string &target_file,
                const PatchRequest &request) {
  const auto &[options, types, folder, built, words] = request;
  auto begin = std::chrono::steady_clock::now();
  // Bundles of several names can be put into one folder.
  std::string output = fmt::format("{}/{}{}{}.kpatch", folder, row.target_build_id,
                                   options.name.empty() ? "" : "-", options.name);
  std::string target = named_target(target_file, row.target_build_id, row.object, folder);
  std::vector<std::string> arguments = {
      "make",          pair.patched.copy,      "--target", target, "-o", output, "--json",
      "--description", description_of(options)};
  if (options.all)
    arguments.emplace_back("--leave-out");
  if (!options.name.empty())
    arguments.insert(arguments.end(), {"--name", options.name});
  if (options.level)
    arguments.insert(arguments.end(), {"--level", std::to_string(*options.level)});
  if (!types.compiled.empty()) {
    LinkedChanges changes = read_linked_changes(pair.patched.copy);
    row.layout = layout_of(types, changes);
    if (row.layout.refused())
      find_passing(pair.original.copy, changes.functions, entry_names(pair.original, built, words),
                   row.layout);
  }
  // Refused types are refused only for a target that the patch would fit.
  if (!row.layout.refused())
    for (const std::string &argument : layout_arguments(row.layout))
      arguments.push_back(argument);
  row.made = ask_kpatch_tool(arguments);
  row.changed_names = row.made.strings_or("changed_names", row.changed_names);
  if (row.layout.refused()) {
    fs::remove(output);
    return;
  }
  if (without_effect(row.made, pair.patched.copy)) {
    fs::remove(output);
    row.verdict = ObjectVerdict::unchanged;
    row.reason = "no function of it changed; nothing in it uses what is new";
    return;
  }
  row.changed = row.made.integer_or("changed", 0);
  row.new_functions = row.made.integer_or("new_functions", 0);
  row.new_data = row.made.integer_or("new_data", 0);
  row.spared = row.made.integer_or("spared", 0);
  row.left_out = row.made.strings_or("left_out", row.left_out);
  row.size = fs::file_size(output);
  row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  bool whole = row.made.value("proof", Json::object()).boolean_or("whole", true);
  row.bound = row.target_build_id == row.build_id ? Bound::build_id
              : whole                             ? Bound::proved
                                                  : Bound::partly;
  if (!options.report.empty() || !options.json.empty())
    row.shown = ask_kpatch_tool({"show", output, "--json"});
}

} // namespace care::make
