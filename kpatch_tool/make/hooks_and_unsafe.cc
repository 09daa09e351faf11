// SPDX-License-Identifier: GPL-2.0-or-later
//
// Several files may have the same marks, and all files that use shadow variables name the
// one table that the linker has chosen. A mark that is there already is not added again.
#include "kpatch_tool/make/hooks_and_unsafe.h"

#include <algorithm>

#include "kpatch_tool/make/function_records.h"
#include "lib/patchfile/link_records.h"

namespace care::tool {

namespace {

void add_hook(const LinkPair &pair, PatchHook hook, PatchFile &patch) {
  bool known = std::any_of(patch.hooks.begin(), patch.hooks.end(), [&](const PatchHook &other) {
    return other.kind == hook.kind && other.place == hook.place;
  });
  if (known)
    return;
  bool second_table = hook.kind == MarkKind::shadow_table &&
                      std::any_of(patch.hooks.begin(), patch.hooks.end(), [](const PatchHook &h) {
                        return h.kind == MarkKind::shadow_table;
                      });
  if (second_table)
    throw error(ExitCode::unsupported, "{}: two tables of shadow variables",
                pair.instrumented.elf.path())
        .with_hint("compile all files of the patch with the same kpatch.h");
  patch.hooks.push_back(std::move(hook));
}

void add_unsafe(const LinkPair &pair, LinkAddr address, const std::string &name, PatchFile &patch) {
  UnsafeFunction f{name, original_in_target(pair, address, name),
                   size_at(pair.instrumented, address, name)};
  bool known = std::any_of(patch.unsafe.begin(), patch.unsafe.end(),
                           [&](const UnsafeFunction &u) { return u.address == f.address; });
  if (!known)
    patch.unsafe.push_back(std::move(f));
}

void add_ignored(const std::string &name, const std::string &text, PatchFile &patch) {
  size_t end = std::min(text.find('\n'), text.size());
  IgnoredSymbol ignored{name, text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
  bool known = std::any_of(
      patch.metadata.ignored.begin(), patch.metadata.ignored.end(), [&](const IgnoredSymbol &s) {
        return s.name == name && s.change == ignored.change && s.reason == ignored.reason;
      });
  if (!known)
    patch.metadata.ignored.push_back(std::move(ignored));
}

} // namespace

void add_marks(const LinkPair &pair, const std::function<uint64_t(uint64_t)> &image_offset,
               PatchFile &patch) {
  const ElfFile &elf = pair.instrumented.elf;
  const ElfSection *section = elf.find(".kpatch.marks");
  if (!section)
    return;
  if (section->bytes.size() % sizeof(MarkRecord) != 0)
    throw elf.bad(".kpatch.marks: {} bytes are no whole number of records", section->bytes.size());
  for (uint64_t at = 0; at < section->bytes.size(); at += sizeof(MarkRecord)) {
    auto record = load_at<MarkRecord>(section->bytes, at);
    auto kind = static_cast<MarkKind>(record.kind);
    std::string name = string_at(elf, record.name);
    if (record.kind < 1 || record.kind > 7 || record.zero != 0)
      throw elf.bad(".kpatch.marks: {}: unknown kind {}", name, record.kind);
    if (kind == MarkKind::ignore)
      add_ignored(name, string_at(elf, record.text), patch);
    else if (kind == MarkKind::unsafe)
      add_unsafe(pair, LinkAddr(record.address), name, patch);
    else
      add_hook(pair, {kind, name, image_offset(record.address)}, patch);
  }
}

void add_unsafe_function(const LinkPair &pair, const std::string &name, PatchFile &patch) {
  bool found = false;
  for (const ElfSymbol &symbol : pair.instrumented.symbols) {
    bool named = symbol.name == name ||
                 (symbol.name.starts_with(name + ".") && !symbol.name.ends_with(".kpatch"));
    const ElfSection *section = pair.instrumented.elf.by_index(symbol.section);
    if (!named || symbol.type != STT_FUNC || symbol.size == 0 || !section ||
        is_patch_section(*section))
      continue;
    add_unsafe(pair, symbol.value, std::string(symbol.name), patch);
    found = true;
  }
  if (!found)
    throw error(ExitCode::usage, "--unsafe: {} has no function {}", pair.instrumented.elf.path(),
                name);
}

} // namespace care::tool
