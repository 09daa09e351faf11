// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool show: what is in a .kpatch file, as tables for people or as JSON.
// Text in the file comes from strangers: control characters are shown as '?'.
#include <memory>
#include <unistd.h>

#include "kpatch_tool/commands.h"
#include "kpatch_tool/show/show.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/cli/command_line.h"
#include "lib/json/json.h"
#include "lib/patchfile/patch_reader.h"

namespace care::tool {

namespace {

struct ShowOptions {
  std::string file;
  bool json = false;
};

struct RelocationCounts {
  size_t inside = 0;
  size_t module = 0;
  size_t import = 0;
};

RelocationCounts count_relocations(const PatchFile &patch) {
  RelocationCounts counts;
  for (const PatchRelocation &r : patch.relocations)
    if (std::holds_alternative<InsideTarget>(r.target) ||
        std::holds_alternative<OwnTlsTarget>(r.target))
      counts.inside++;
    else if (std::holds_alternative<ModuleTarget>(r.target) ||
             std::holds_alternative<ModuleTlsTarget>(r.target))
      counts.module++;
    else
      counts.import++;
  return counts;
}

const char *kind_name(RecordKind kind) {
  switch (kind) {
  case RecordKind::changed_function:
    return "changed";
  case RecordKind::new_function:
    return "new function";
  case RecordKind::new_data:
    return "new data";
  case RecordKind::new_tls:
    return "new tls";
  }
  return "?";
}

const char *kind_name(ImportKind kind) {
  switch (kind) {
  case ImportKind::function:
    return "function";
  case ImportKind::object:
    return "object";
  case ImportKind::tls:
    return "thread-local";
  case ImportKind::any:
    break;
  }
  return "any";
}

const char *protection(Group group) {
  return group == Group::text ? "r-x" : group == Group::rodata ? "r--" : "rw-";
}

Json to_json(const PatchFile &patch) {
  Json functions = Json::array();
  for (const PatchFunction &f : patch.functions)
    functions.push_back({{"name", f.name},
                         {"kind", kind_name(f.kind)},
                         {"reason", f.reason},
                         {"source", f.source},
                         {"original", f.original.value},
                         {"original_size", f.original_size},
                         {"original_cold_size", f.original_cold_size},
                         {"site", f.site.value},
                         {"pad", f.pad.value},
                         {"replacement", f.replacement},
                         {"replacement_size", f.replacement_size},
                         {"replacement_cold_size", f.replacement_cold_size}});
  Json imports = Json::array();
  for (const PatchImport &i : patch.imports)
    imports.push_back(
        {{"name", i.name}, {"version", i.version}, {"kind", kind_name(i.kind)}, {"weak", i.weak}});
  Json sections = Json::array();
  for (const ImageSection &s : patch.sections)
    sections.push_back({{"name", s.name},
                        {"offset", s.offset},
                        {"size", s.size},
                        {"protection", protection(s.group)}});
  Json unsafe = Json::array();
  for (const UnsafeFunction &f : patch.unsafe)
    unsafe.push_back({{"name", f.name}, {"address", f.address.value}, {"size", f.size}});
  Json hooks = Json::array();
  for (const PatchHook &h : patch.hooks)
    hooks.push_back({{"name", h.name}, {"kind", mark_name(h.kind)}, {"place", h.place}});
  Json ignored = Json::array();
  for (const IgnoredSymbol &s : patch.metadata.ignored)
    ignored.push_back({{"name", s.name}, {"change", s.change}, {"reason", s.reason}});
  RelocationCounts counts = count_relocations(patch);
  return {{"build_id", hex_text(patch.metadata.build_id)},
          {"object", patch.metadata.object_name},
          {"name", patch.metadata.name},
          {"level", patch.metadata.level},
          {"description", patch.metadata.description},
          {"tool_version", patch.metadata.tool_version},
          {"format_version", kPatchFormatVersion},
          {"spared", patch.metadata.spared},
          {"image_size", patch.image_size},
          {"functions", functions},
          {"relocations",
           {{"inside", counts.inside}, {"module", counts.module}, {"import", counts.import}}},
          {"imports", imports},
          {"sections", sections},
          {"unsafe", unsafe},
          {"hooks", hooks},
          {"ignored", ignored},
          {"unproved", patch.metadata.unproved}};
}

std::string printable(std::string text) {
  for (char &c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      c = '?';
  return text;
}

std::string heading(const std::string &text) {
  bool colour = is_terminal(STDOUT_FILENO);
  return fmt::format("\n{}{}{}\n", colour ? "\x1b[1m" : "", text, colour ? "\x1b[0m" : "");
}

std::string describe_functions(const PatchFile &patch) {
  std::string out = heading("functions and data");
  size_t width = 4;
  for (const PatchFunction &f : patch.functions)
    width = std::max(width, f.name.size());
  out += fmt::format("  {:<12} {:<{}} {:>8} {:>8}  {:<18} {}\n", "kind", "name", width, "old size",
                     "new size", "source", "why");
  for (const PatchFunction &f : patch.functions) {
    uint64_t new_size = f.replacement_size + f.replacement_cold_size;
    std::string old_size =
        f.changes_code() ? fmt::format("{}", f.original_size + f.original_cold_size) : "-";
    out += fmt::format("  {:<12} {:<{}} {:>8} {:>8}  {:<18} {}\n", kind_name(f.kind),
                       printable(f.name), width, old_size, new_size, printable(f.source),
                       printable(f.reason));
  }
  return out;
}

} // namespace

std::string describe_patch(const PatchFile &patch) {
  std::string out;
  const PatchMetadata &m = patch.metadata;
  out += fmt::format(
      "build-id     {}\nobject       {}\nname         {}\nlevel        {}\ndescription  {}\n"
      "made by      kpatch_tool {}\nimage        {} bytes\n",
      hex_text(m.build_id), printable(m.object_name), m.name, m.level, printable(m.description),
      printable(m.tool_version), patch.image_size);
  if (m.spared != 0)
    out += fmt::format("spared       {} functions of which only line numbers differ\n", m.spared);
  out += describe_functions(patch);
  RelocationCounts counts = count_relocations(patch);
  out += heading("relocations");
  out += fmt::format("  inside the patch {}, in the target {}, imports {}\n", counts.inside,
                     counts.module, counts.import);
  if (!patch.imports.empty())
    out += heading("imports");
  for (const PatchImport &i : patch.imports)
    out += fmt::format("  {:<12} {}{}\n", kind_name(i.kind), printable(i.text()),
                       i.weak ? " (weak)" : "");
  out += heading("sections");
  for (const ImageSection &s : patch.sections)
    out += fmt::format("  {} {:#8x} {:>8}  {}\n", protection(s.group), s.offset, s.size,
                       printable(s.name));
  if (!patch.unsafe.empty())
    out += heading("must not be running");
  for (const UnsafeFunction &f : patch.unsafe)
    out += fmt::format("  {} {:>8}  {}\n", f.address, f.size, printable(f.name));
  if (!patch.hooks.empty())
    out += heading("hooks");
  for (const PatchHook &h : patch.hooks)
    out += fmt::format("  {:<16} {}\n", mark_name(h.kind), printable(h.name));
  if (!m.ignored.empty())
    out += heading("changes that are ignored");
  for (const IgnoredSymbol &s : m.ignored)
    out += fmt::format("  {}: {}: {}\n", printable(s.name),
                       s.change.empty() ? "none" : printable(s.change), printable(s.reason));
  if (!m.unproved.empty())
    out += heading("not proved equal in the target, and not used");
  for (const std::string &difference : m.unproved)
    out += fmt::format("  {}\n", printable(difference));
  return out;
}

std::string describe_patch_as_json(const PatchFile &patch) {
  // Names need not be UTF-8.
  return to_json(patch).sorted_text(2);
}

namespace {

int show(const ShowOptions &options) {
  PatchFile patch = read_patch_file(options.file);
  if (options.json)
    print_json(describe_patch_as_json(patch));
  else
    print_text(stdout, describe_patch(patch));
  return 0;
}

} // namespace

void add_show_command(CommandLine &app, int &exit_code) {
  auto options = std::make_shared<ShowOptions>();
  CommandLine &command = app.subcommand("show", "Show what is in a .kpatch file");
  command.option("file", options->file, "FILE.kpatch").required();
  command.flag("--json", options->json, "One JSON object on stdout");
  command.footer("Examples:\n"
                 "  kpatch_tool show fix.kpatch\n"
                 "  kpatch_tool show --json fix.kpatch | jq '.functions[].name'\n"
                 "Exit codes: 0, or 3 when the file is malformed.");
  command.on_chosen([options, &exit_code] { exit_code = show(*options); });
}

} // namespace care::tool
