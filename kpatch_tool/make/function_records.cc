// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/function_records.h"

#include <map>

#include "kpatch_tool/make/definitions.h"
#include "kpatch_tool/make/jump_sites.h"
#include "kpatch_tool/make/shared_definitions.h"
#include "lib/patchfile/link_records.h"

namespace care::tool {

uint64_t size_at(const LinkedFile &file, LinkAddr addr, const std::string &name) {
  const ElfSymbol *symbol = file.symbol_at(addr, name);
  if (!symbol || symbol->size == 0) {
    // An alias without a size may have come first.
    symbol = file.symbol_at(addr);
  }
  if (!symbol || symbol->size == 0)
    throw error(ExitCode::unsupported, "{}: {}: no symbol with a size at {}", file.elf.path(), name,
                file.describe(addr));
  return symbol->size;
}

LinkAddr original_in_target(const LinkPair &pair, LinkAddr addr, const std::string &name) {
  const ElfSection *section = pair.instrumented.elf.at(addr);
  if (!section || is_patch_section(*section) || !(section->flags & SHF_EXECINSTR))
    throw pair.instrumented.elf.bad("{}: its original is at {}, which is no code", name,
                                    pair.instrumented.describe(addr));
  return pair.to_target(*section, addr);
}

namespace {

void read_original(const LinkPair &pair, const LinkRecord &record, PatchFunction &f) {
  const LinkedFile &file = pair.instrumented;
  f.original_size = size_at(file, LinkAddr(record.original), f.name);
  f.original = original_in_target(pair, LinkAddr(record.original), f.name);
  if (record.original_cold == 0)
    return;
  std::string cold = f.name + ".cold";
  f.original_cold_size = size_at(file, LinkAddr(record.original_cold), cold);
  f.original_cold = original_in_target(pair, LinkAddr(record.original_cold), cold);
}

PatchFunction function_of(const LinkPair &pair, const LinkRecord &record) {
  const LinkedFile &file = pair.instrumented;
  PatchFunction f;
  f.name = string_at(file.elf, record.name);
  f.reason = string_at(file.elf, record.reason);
  f.source = string_at(file.elf, record.source);
  f.kind = static_cast<RecordKind>(record.kind);
  if (record.kind < 1 || record.kind > 4 || record.flags > kShared)
    throw file.elf.bad(".kpatch.info: {}: unknown kind {} or flags {:#x}", f.name, record.kind,
                       record.flags);
  f.replacement = record.replacement;
  const ElfSection *section = file.elf.at(LinkAddr(record.replacement));
  if (!section || !is_patch_section(*section))
    throw file.elf.bad("{}: its replacement is at {}, which is no .kpatch section", f.name,
                       file.describe(LinkAddr(record.replacement)));
  std::string new_name = f.changes_code() ? f.name + ".kpatch" : f.name;
  f.replacement_size = size_at(file, LinkAddr(record.replacement), new_name);
  if (record.replacement_cold != 0) {
    f.replacement_cold = record.replacement_cold;
    f.replacement_cold_size =
        size_at(file, LinkAddr(record.replacement_cold), f.name + ".cold.kpatch");
  }
  if (f.changes_code() != (record.original != 0))
    throw file.elf.bad(".kpatch.info: {}: {}", f.name,
                       f.changes_code() ? "changed, but has no original"
                                        : "new, but has an original");
  if (f.changes_code())
    read_original(pair, record, f);
  return f;
}

// The code of a replacement with the linker's values set to zero, and the names of its
// references.
std::pair<std::string, std::vector<std::string>> skeleton(const LinkedFile &file, uint64_t addr,
                                                          uint64_t size) {
  std::string code(file.elf.read(LinkAddr(addr), size));
  const ElfSection &section = *file.elf.at(LinkAddr(addr));
  std::vector<std::string> names;
  for (const ElfRelocation &r : sorted_relocations(file, section)) {
    if (r.offset < addr || r.offset >= addr + size)
      continue;
    Reference ref = decode_reference(file, section, r);
    for (unsigned i = 0; i < ref.width && r.offset - addr + i < size; i++)
      code[r.offset - addr + i] = '\0';
    names.push_back(ref.name(file));
  }
  return {code, names};
}

void require_same_code(const LinkPair &pair, const PatchFunction &a, const PatchFunction &b) {
  if (skeleton(pair.instrumented, a.replacement, a.replacement_size) !=
      skeleton(pair.instrumented, b.replacement, b.replacement_size))
    throw error(ExitCode::unsupported, "{}: function {} became different code in {} and in {}",
                pair.instrumented.elf.path(), a.name, a.source, b.source)
        .with_hint("an inline function must be the same in all units: compile them with the same "
                   "options");
}

// A new weak definition, instead of which the link has taken another file's. That one
// stays where it is, and this file's is not used.
bool another_won(const LinkedFile &file, const SharedNames &shared, const LinkRecord &record) {
  if (record.flags == kShared && shared.programs_own(LinkAddr(record.replacement)))
    return true;
  const ElfSection *section = file.elf.at(LinkAddr(record.replacement));
  return record.kind != static_cast<uint32_t>(RecordKind::changed_function) && section &&
         section->alloc() && !is_patch_section(*section);
}

using NewNames = std::map<std::pair<uint64_t, std::string>, std::string>; // to the source

// A weak name that several files define is in the patch once.
bool is_known(NewNames &known, const PatchFunction &f, const LinkRecord &record) {
  auto [first, added] = known.try_emplace({f.replacement, f.name}, f.source);
  if (!added && record.flags == kOnlyDefinition)
    throw error(ExitCode::unsupported, "{}: {} is new in {} and in {}", f.source, f.name,
                first->second, f.source)
        .with_hint("the link of the fixed source has two definitions of it");
  return !added;
}

} // namespace

std::vector<PatchFunction> read_function_records(const LinkPair &pair,
                                                 std::vector<std::string> *left_out) {
  const ElfFile &elf = pair.instrumented.elf;
  std::vector<LinkRecord> records = read_link_records(elf);
  if (records.empty())
    throw error(ExitCode::nothing_to_do, "{}: nothing changed (no .kpatch.info)", elf.path());
  std::vector<PatchFunction> functions;
  std::map<LinkAddr, size_t> by_original;
  NewNames known_new;
  Definitions definitions(pair.instrumented);
  SharedNames shared(pair.instrumented);
  for (const LinkRecord &record : records) {
    try {
      if (record.flags == kOnlyDefinition)
        definitions.require_only(string_at(elf, record.name), string_at(elf, record.source));
      if (another_won(pair.instrumented, shared, record))
        continue;
      PatchFunction f = function_of(pair, record);
      if (!f.changes_code() && is_known(known_new, f, record))
        continue;
      if (f.changes_code()) {
        auto [known, added] = by_original.try_emplace(f.original, functions.size());
        if (!added) {
          require_same_code(pair, functions[known->second], f);
          continue;
        }
      }
      functions.push_back(std::move(f));
    } catch (const Error &e) {
      if (left_out == nullptr || e.code() != ExitCode::unsupported)
        throw;
      left_out->push_back(fmt::format("{}: {}", string_at(elf, record.name), e.message()));
    }
  }
  choose_jump_sites(pair, functions, left_out);
  return functions;
}

} // namespace care::tool
