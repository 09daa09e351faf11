// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool check: the layout proof of an instrumented link against a target,
// or whether a finished .kpatch fits a binary (build-id and digests).
#include <memory>

#include "kpatch_tool/commands.h"
#include "kpatch_tool/proof/partial_proof.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/cli/command_line.h"
#include "lib/json/json.h"
#include "lib/patchfile/patch_reader.h"

namespace care::tool {

namespace {

struct CheckOptions {
  std::string file;
  std::string binary;
  std::string target;
  bool json = false;
  bool all = false;
};

constexpr size_t kShownDifferences = 10;

Json side_json(const DifferenceSide &side) {
  return {{"bytes", side.bytes}, {"instruction", side.instruction}};
}

Json to_json(const LayoutProof &proof) {
  Json differences = Json::array();
  for (const Difference &d : proof.differences.list())
    differences.push_back({{"section", d.section},
                           {"offset", d.offset},
                           {"symbol", d.symbol},
                           {"symbol_offset", d.symbol_offset},
                           {"function", d.function},
                           {"what", d.what},
                           {"relocation", d.relocation},
                           {"rebuilt", side_json(d.ours)},
                           {"target", side_json(d.theirs)}});
  return {{"proved", proof.differences.empty()},
          {"sections", proof.sections},
          {"bytes", proof.bytes},
          {"relocations", proof.relocations},
          {"dynamic_relocations", proof.dynamic_relocations},
          {"unwind_entries", proof.frames},
          {"shifted", proof.shifted},
          {"placed", proof.differences.placed()},
          {"functions_that_differ", proof.differences.functions()},
          {"differences", differences}};
}

int check_layout(const CheckOptions &options) {
  LinkedFile instrumented(options.file);
  LinkedFile target(options.target);
  LinkPair pair(instrumented, target);
  LayoutProof proof = compare_layout(pair);
  if (options.json)
    print_json(to_json(proof).sorted_text(-1));
  if (!proof.differences.empty()) {
    if (options.json)
      return static_cast<int>(ExitCode::does_not_fit);
    Error differs = proof.differences.error(options.all ? SIZE_MAX : kShownDifferences);
    if (!may_hold_partly(proof))
      throw differs;
    std::string hint = differs.hint() + "; nothing has moved: kpatch_tool make goes on if its "
                                        "patch needs none of what differs";
    throw std::move(differs).with_hint(hint);
  }
  if (options.json)
    return 0;
  print_out("proved: {} sections, {} bytes, {} relocations, {} dynamic relocations, "
            "{} unwind entries are those of {}\n",
            proof.sections, proof.bytes, proof.relocations, proof.dynamic_relocations, proof.frames,
            options.target);
  for (const SkippedSection &s : proof.skipped)
    log_info("{}: not compared byte by byte: {}", s.name, s.reason);
  return 0;
}

void check_digest(const ElfFile &binary, const std::string &name, LinkAddr addr, uint64_t size,
                  const Digest &digest) {
  const ElfSection *section = binary.at(addr);
  if (!section || !in_bounds(addr - section->addr, size, section->bytes.size()))
    throw error(ExitCode::does_not_fit, "{}: has no {} bytes at {} for function {}", binary.path(),
                size, addr, name);
  if (digest_of(binary.read(addr, size)) != digest)
    throw error(ExitCode::does_not_fit,
                "{}: function {} at {} has other bytes than the patch was built against",
                binary.path(), name, addr);
}

int check_patch(const CheckOptions &options) {
  PatchFile patch = read_patch_file(options.file);
  ElfFile binary(options.binary);
  std::string id = binary.build_id();
  if (id != patch.metadata.build_id)
    throw error(ExitCode::does_not_fit, "{}: build-id {}, the patch is for {}", binary.path(),
                id.empty() ? "(none)" : hex_text(id), hex_text(patch.metadata.build_id));
  size_t functions = 0;
  for (const PatchFunction &f : patch.functions) {
    if (!f.changes_code())
      continue;
    check_digest(binary, f.name, f.original, f.original_size, f.digest);
    if (f.original_cold_size > 0)
      check_digest(binary, f.name + ".cold", f.original_cold, f.original_cold_size, f.cold_digest);
    if (f.pad && std::string_view(reinterpret_cast<const char *>(f.pad_bytes.data()), kJumpSize) !=
                     binary.read(f.pad, kJumpSize))
      throw error(ExitCode::does_not_fit, "{}: the padding at {} for function {} differs",
                  binary.path(), f.pad, f.name);
    functions++;
  }
  if (options.json)
    print_json(
        Json{{"fits", true}, {"build_id", hex_text(id)}, {"functions", functions}}.sorted_text());
  else
    print_out("fits: build-id {} and the bytes of {} function{}\n", hex_text(id), functions,
              functions == 1 ? "" : "s");
  return 0;
}

int check(const CheckOptions &options) {
  if (!options.target.empty())
    return check_layout(options);
  if (!options.binary.empty())
    return check_patch(options);
  throw Error("check what against what? Give --target BINARY, or FILE.kpatch and BINARY",
              ExitCode::usage);
}

} // namespace

void add_check_command(CommandLine &app, int &exit_code) {
  auto options = std::make_shared<CheckOptions>();
  CommandLine &command = app.subcommand(
      "check", "Prove that a rebuild has the layout of a binary, or that a patch fits one");
  command.option("file", options->file, "Instrumented link, or FILE.kpatch").required();
  command.option("binary", options->binary, "Binary that FILE.kpatch is for");
  command.option("--target", options->target,
                 "Binary that will be patched (may be stripped): prove the layout");
  command.flag("--all", options->all, "Show every difference, not only the first ten");
  command.flag("--json", options->json, "One JSON object on stdout");
  command.footer("Examples:\n"
                 "  kpatch_tool check build/server --target /usr/sbin/server\n"
                 "  kpatch_tool check 3f2a….kpatch /usr/sbin/server\n"
                 "Exit codes: 0 equal, 9 not (what differs is shown), 3 malformed file.");
  command.on_chosen([options, &exit_code] { exit_code = check(*options); });
}

} // namespace care::tool
