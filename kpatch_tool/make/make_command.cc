// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool make: proof first, then the patch, then a summary.
#include <filesystem>
#include <memory>

#include "kpatch_tool/commands.h"
#include "kpatch_tool/make/build_patch.h"
#include "kpatch_tool/make/hooks_and_unsafe.h"
#include "kpatch_tool/make/shared_definitions.h"
#include "kpatch_tool/proof/layout_proof.h"
#include "kpatch_tool/proof/partial_proof.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/version.h"
#include "lib/cli/command_line.h"
#include "lib/json/json.h"
#include "lib/patchfile/patch_reader.h"
#include "lib/patchfile/patch_writer.h"

namespace care::tool {

namespace {

struct MakeOptions {
  std::string instrumented;
  std::string target;
  std::string output;
  std::string name;
  uint32_t level = 0;
  std::string description;
  std::string object;
  std::vector<std::string> ignored; // name, change and reason, a line each
  std::vector<std::string> unsafe;
  bool leave_out = false;
  bool json = false;
};

size_t count_kind(const PatchFile &patch, RecordKind kind) {
  return std::count_if(patch.functions.begin(), patch.functions.end(),
                       [&](const PatchFunction &f) { return f.kind == kind; });
}

void print_summary(const PatchFile &patch, const LayoutProof &proof, const MakeOptions &options,
                   size_t size, const std::vector<std::string> &left_out) {
  size_t changed = count_kind(patch, RecordKind::changed_function);
  size_t functions = count_kind(patch, RecordKind::new_function);
  size_t data = count_kind(patch, RecordKind::new_data);
  std::string id = hex_text(patch.metadata.build_id);
  if (options.json) {
    Json names = Json::array();
    for (const PatchFunction &f : patch.functions)
      if (f.changes_code())
        names.push_back(f.name);
    Json added = Json::array();
    for (const PatchFunction &f : patch.functions)
      if (f.kind == RecordKind::new_function)
        added.push_back(f.name);
    print_json(Json{{"build_id", id},
                    {"object", patch.metadata.object_name},
                    {"changed", changed},
                    {"new_functions", functions},
                    {"new_data", data},
                    {"spared", patch.metadata.spared},
                    {"size", size},
                    {"changed_names", names},
                    {"new_names", added},
                    {"hooks", patch.hooks.size()},
                    {"left_out", left_out},
                    {"proof",
                     {{"whole", proof.differences.empty()},
                      {"unproved", patch.metadata.unproved},
                      {"sections", proof.sections},
                      {"bytes", proof.bytes},
                      {"relocations", proof.relocations},
                      {"dynamic_relocations", proof.dynamic_relocations},
                      {"unwind_entries", proof.frames}}},
                    {"output", options.output}}
                   .sorted_text());
    return;
  }
  print_out("{}: for {} ({}): {} changed, {} new functions, {} new data, {} bytes\n",
            options.output, patch.metadata.object_name, id, changed, functions, data, size);
  for (const std::string &function : left_out)
    print_out("left out: {}\n", function);
  if (!patch.metadata.unproved.empty())
    print_out("proved in part: all that the patch replaces or refers to; {} differences in "
              "{} functions are elsewhere\n",
              patch.metadata.unproved.size(), proof.differences.functions());
  for (const std::string &difference : patch.metadata.unproved)
    print_out("not proved: {}\n", difference);
}

IgnoredSymbol ignored_change(const std::string &lines) {
  size_t first = lines.find('\n');
  size_t second = first == std::string::npos ? first : lines.find('\n', first + 1);
  if (second == std::string::npos)
    throw error(ExitCode::usage, "--ignored-change: three lines are needed: name, change, reason");
  return {lines.substr(0, first), lines.substr(first + 1, second - first - 1),
          lines.substr(second + 1)};
}

int make(const MakeOptions &options) {
  if (!valid_patch_name(options.name))
    throw error(ExitCode::usage, "--name: '{}' is no name (letters, digits and -._+, at most 64)",
                options.name);
  LinkedFile instrumented(options.instrumented);
  LinkedFile target(options.target);
  LinkPair pair(instrumented, target);
  refuse_names_of_others(instrumented);
  LayoutProof proof = compare_layout(pair);
  bool whole = proof.differences.empty();
  if (!whole && !may_hold_partly(proof))
    throw layout_differs(proof);
  PatchMetadata metadata;
  metadata.object_name = options.object.empty()
                             ? std::filesystem::path(options.target).filename().string()
                             : options.object;
  metadata.name = options.name;
  metadata.level = options.level;
  metadata.description = options.description;
  metadata.tool_version = kVersion;
  std::vector<std::string> left_out;
  PatchFile patch = build_patch(pair, metadata, options.leave_out ? &left_out : nullptr);
  for (const std::string &lines : options.ignored)
    patch.metadata.ignored.push_back(ignored_change(lines));
  for (const std::string &function : options.unsafe)
    add_unsafe_function(pair, function, patch);
  if (!whole) {
    prove_used(pair, proof, patch);
    patch.metadata.unproved = unproved_lines(proof);
  }
  std::string bytes = patch_file_bytes(patch);
  // What the doctor would refuse must not leave this tool.
  parse_patch_file(bytes, options.output);
  write_file(options.output, bytes, 0644);
  print_summary(patch, proof, options, bytes.size(), left_out);
  return 0;
}

} // namespace

void add_make_command(CommandLine &app, int &exit_code) {
  auto options = std::make_shared<MakeOptions>();
  CommandLine &command =
      app.subcommand("make", "Make a .kpatch out of an instrumented link (layout proof first)");
  command
      .option("instrumented", options->instrumented,
              "Patched stage of the build, linked with --emit-relocs, not stripped")
      .required();
  command.option("--target", options->target, "Binary that will be patched; may be stripped")
      .required();
  command.option("-o,--output", options->output, "The .kpatch file to write").required();
  command.option("--name", options->name,
                 "Patch name: levels count within a name, patches of other names stack");
  command.option("--level", options->level, "Patch level: a higher one replaces a lower one");
  command.option("--description", options->description, "What the patch is for");
  command.option("--object", options->object, "Object name (default: file name of BINARY)");
  command
      .option("--ignored-change", options->ignored,
              "Record a change that was found to be no reason to refuse")
      .type_name("NAME,CHANGE,REASON in lines")
      .one_value_each();
  command
      .option("--unsafe", options->unsafe,
              "Nobody may be inside this function while the patch goes in")
      .type_name("FUNCTION")
      .one_value_each();
  command.flag("--leave-out", options->leave_out,
               "A test: leave out functions that cannot be replaced, and list them");
  command.flag("--json", options->json, "Summary as one JSON object on stdout");
  command.footer("Example:\n"
                 "  kpatch_tool make build/server --target /usr/sbin/server -o fix.kpatch \\\n"
                 "      --level 2 --description 'CVE-2026-0001: length check'\n"
                 "Exit codes: 0 written, 3 malformed input, 6 a construct that cannot be carried,\n"
                 "7 nothing changed, 9 the layout proof failed. Nothing is written unless 0.");
  command.on_chosen([options, &exit_code] { exit_code = make(*options); });
}

} // namespace care::tool
