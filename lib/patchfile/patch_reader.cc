// SPDX-License-Identifier: GPL-2.0-or-later
//
// From the outside in: ELF headers (lib/elf), notes, image, symbols,
// relocations, records. Each step trusts only what the steps before have checked.
#include "lib/patchfile/patch_reader.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "lib/base/mapped_file.h"
#include "lib/elf/elf_file.h"
#include "lib/elf/notes.h"
#include "lib/patchfile/records.h"

namespace care {

namespace {

// NAME NUL CHANGE NUL REASON
IgnoredSymbol ignored_symbol(const ElfFile &elf, std::string_view text) {
  size_t first = text.find('\0');
  size_t second = first == text.npos ? text.npos : text.find('\0', first + 1);
  if (second == text.npos || first == 0)
    throw elf.bad("kpatch note 7 is not a name, a change and a reason");
  return {std::string(text.substr(0, first)),
          std::string(text.substr(first + 1, second - first - 1)),
          std::string(text.substr(second + 1))};
}

void read_note(const ElfFile &elf, const Note &note, PatchMetadata &metadata, uint32_t &version) {
  auto number = [&] {
    if (note.descriptor.size() != 4)
      throw elf.bad("kpatch note {} has {} bytes instead of 4", note.type, note.descriptor.size());
    return load_at<uint32_t>(note.descriptor, 0);
  };
  switch (static_cast<PatchNote>(note.type)) {
  case PatchNote::build_id:
    metadata.build_id = note.descriptor;
    return;
  case PatchNote::format_version:
    version = number();
    return;
  case PatchNote::object_name:
    metadata.object_name = note.descriptor;
    return;
  case PatchNote::patch_level:
    metadata.level = number();
    return;
  case PatchNote::description:
    metadata.description = note.descriptor;
    return;
  case PatchNote::tool_version:
    metadata.tool_version = note.descriptor;
    return;
  case PatchNote::name:
    if (!valid_patch_name(note.descriptor))
      throw elf.bad("kpatch note 9 is no name");
    metadata.name = note.descriptor;
    return;
  case PatchNote::unproved:
    metadata.unproved.push_back(std::string(note.descriptor));
    return;
  case PatchNote::spared:
    metadata.spared = number();
    return;
  case PatchNote::ignored:
    metadata.ignored.push_back(ignored_symbol(elf, note.descriptor));
    return;
  }
  throw elf.bad("unknown kpatch note {}", note.type);
}

PatchMetadata read_metadata(const ElfFile &elf) {
  const ElfSection *section = elf.find(".note.kpatch");
  if (!section || section->type != SHT_NOTE)
    throw elf.bad("not a .kpatch file (no .note.kpatch)");
  PatchMetadata metadata;
  uint32_t version = 0;
  bool whole = for_each_note(section->bytes, [&](const Note &note) {
    if (note.owner == kNoteOwner)
      read_note(elf, note, metadata, version);
  });
  if (!whole)
    throw elf.bad(".note.kpatch is cut off");
  if (version != kPatchFormatVersion)
    throw elf.bad("format version {}, this tool reads version {}", version, kPatchFormatVersion);
  if (metadata.build_id.empty() || metadata.build_id.size() > 64)
    throw elf.bad("build-id of {} bytes", metadata.build_id.size());
  if (metadata.object_name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    throw elf.bad("object name is not a plain file name");
  return metadata;
}

Group group_of(const ElfSection &section) {
  if (section.flags & SHF_EXECINSTR)
    return Group::text;
  bool only_relocated = section.name == ".kpatch.got" || section.name == ".kpatch.data.rel.ro";
  return (section.flags & SHF_WRITE) && !only_relocated ? Group::data : Group::rodata;
}

uint64_t page_down(uint64_t value) {
  return value & ~(kImagePage - 1);
}
uint64_t page_up(uint64_t value) {
  return page_down(value + kImagePage - 1);
}

void read_tls(const ElfFile &elf, const ElfSection &s, PatchFile &patch) {
  if (s.name != ".kpatch.tls" || s.type != SHT_PROGBITS || !patch.tls.bytes.empty())
    throw elf.bad("{}: thread-local section", s.name);
  uint64_t align = std::max<uint64_t>(s.align, 1);
  if (s.size > kMaxTlsSize || align > kImagePage || (align & (align - 1)))
    throw elf.bad("{}: impossible size {} or alignment {}", s.name, s.size, align);
  patch.tls.bytes = s.bytes;
  patch.tls.align = align;
}

void read_image(const ElfFile &elf, PatchFile &patch) {
  for (const ElfSection &s : elf.sections()) {
    if (!s.alloc() || s.type == SHT_NOTE || s.size == 0)
      continue;
    if (s.type != SHT_PROGBITS && s.type != SHT_NOBITS)
      throw elf.bad("{}: loaded section of type {}", s.name, s.type);
    if (s.tls()) {
      read_tls(elf, s, patch);
      continue;
    }
    if (!in_bounds(s.addr.value, s.size, kMaxImageSize))
      throw elf.bad("{}: lies outside any image", s.name);
    uint64_t align = std::max<uint64_t>(s.align, 1);
    if (align > kImagePage || (align & (align - 1)) || s.addr.value % align)
      throw elf.bad("{}: wrong alignment", s.name);
    patch.sections.push_back({std::string(s.name), group_of(s), s.addr.value, s.size, align,
                              s.nobits(), std::string(s.bytes)});
  }
  std::sort(patch.sections.begin(), patch.sections.end(),
            [](const ImageSection &a, const ImageSection &b) { return a.offset < b.offset; });
  uint64_t end = 0; // of the section before
  size_t group = 0;
  for (const ImageSection &s : patch.sections) {
    size_t own = static_cast<size_t>(s.group);
    if (s.offset < end)
      throw elf.bad("{}: overlaps the section before it", s.name);
    if (own < group)
      throw elf.bad("{}: in the wrong protection group", s.name);
    ImageRange &range = patch.groups[own];
    if (range.size == 0)
      range.offset = page_down(s.offset);
    if (range.offset < page_up(end) && range.size == 0)
      throw elf.bad("{}: shares a page with another protection group", s.name);
    end = s.offset + s.size;
    range.size = page_up(end) - range.offset;
    group = own;
  }
  patch.image_size = page_up(end);
}

// What a symbol stands for when a relocation names it; empty when none may.
using SymbolTargets = std::vector<std::optional<RelocationTarget>>;

PatchImport import_of(const ElfFile &elf, const ElfSymbol &symbol) {
  PatchImport import;
  size_t at = symbol.name.find('@');
  import.name = symbol.name.substr(0, at);
  if (at != std::string_view::npos)
    import.version = symbol.name.substr(at + 1);
  if (import.name.empty() || (at != std::string_view::npos && import.version.empty()))
    throw elf.bad("symbol {}: import without a name or version", symbol.index);
  import.weak = symbol.binding == STB_WEAK;
  switch (symbol.type) {
  case STT_NOTYPE:
    return import;
  case STT_FUNC:
    import.kind = ImportKind::function;
    return import;
  case STT_OBJECT:
    import.kind = ImportKind::object;
    return import;
  case STT_TLS:
    import.kind = ImportKind::tls;
    return import;
  default:
    throw elf.bad("import {}: unknown symbol type {}", symbol.name, symbol.type);
  }
}

std::optional<RelocationTarget> read_symbol(const ElfFile &elf, const ElfSymbol &symbol,
                                            PatchFile &patch) {
  if (symbol.index == 0 || symbol.type == STT_FILE)
    return std::nullopt;
  if (symbol.section == SHN_ABS && symbol.type == STT_TLS)
    return ModuleTlsTarget{symbol.value.value};
  if (symbol.section == SHN_ABS)
    return ModuleTarget{symbol.value};
  if (symbol.section == SHN_UNDEF) {
    patch.imports.push_back(import_of(elf, symbol));
    return ImportTarget{patch.imports.size() - 1};
  }
  const ElfSection *section = elf.by_index(symbol.section);
  if (!section)
    throw elf.bad("symbol {} ({}): no section {}", symbol.index, symbol.name, symbol.section);
  if (!section->alloc() || section->type == SHT_NOTE)
    return std::nullopt;
  if (!in_bounds(symbol.value.value, symbol.type == STT_SECTION ? 0 : symbol.size, section->size))
    throw elf.bad("symbol {} ({}): lies outside {}", symbol.index, symbol.name, section->name);
  if (section->tls())
    return OwnTlsTarget{symbol.value.value};
  uint64_t offset = section->addr.value + symbol.value.value;
  if (symbol.type != STT_SECTION)
    patch.symbols.push_back(
        {std::string(symbol.name), offset, symbol.size, symbol.type == STT_FUNC});
  return InsideTarget{offset};
}

bool is_thread_local(const RelocationTarget &target, const PatchFile &patch) {
  if (const auto *import = std::get_if<ImportTarget>(&target))
    return patch.imports[import->index].kind == ImportKind::tls;
  return std::holds_alternative<OwnTlsTarget>(target) ||
         std::holds_alternative<ModuleTlsTarget>(target);
}

void read_relocations(const ElfFile &elf, const ElfSection &rela,
                      const std::vector<ElfSymbol> &symbols, const SymbolTargets &targets,
                      PatchFile &patch) {
  const ElfSection *section = elf.by_index(rela.info);
  if (!section)
    throw elf.bad("{}: relocates no section", rela.name);
  if (!section->alloc() || section->type != SHT_PROGBITS)
    throw elf.bad("{}: relocates {}, which has no loaded bytes", rela.name, section->name);
  for (const ElfRelocation &r : elf.relocations(rela)) {
    if (r.type == R_X86_64_NONE)
      continue;
    unsigned width = relocation_width(r.type);
    if (width == 0)
      throw elf.bad("{}+{:#x}: {} is not carried", section->name, r.offset,
                    relocation_name(r.type));
    if (!in_bounds(r.offset, width, section->size))
      throw elf.bad("{}: relocation at {:#x} lies outside {}", rela.name, r.offset, section->name);
    if (r.symbol >= targets.size() || !targets[r.symbol])
      throw elf.bad("{}+{:#x}: relocation against symbol {}", section->name, r.offset, r.symbol);
    if (is_tls_relocation(r.type) != is_thread_local(*targets[r.symbol], patch))
      throw elf.bad("{}+{:#x}: {} against {}", section->name, r.offset, relocation_name(r.type),
                    symbols[r.symbol].name);
    PatchRelocation relocation{r.offset, r.type, *targets[r.symbol], r.addend,
                               std::string(symbols[r.symbol].name)};
    if (section->tls() && r.type != R_X86_64_64)
      throw elf.bad("{}+{:#x}: {} is not carried", section->name, r.offset,
                    relocation_name(r.type));
    if (section->tls()) {
      patch.tls.relocations.push_back(relocation);
      continue;
    }
    relocation.place += section->addr.value;
    patch.relocations.push_back(relocation);
  }
}

void read_symbols_and_relocations(const ElfFile &elf, PatchFile &patch) {
  const ElfSection &table = elf.require(".symtab");
  std::vector<ElfSymbol> symbols = elf.symbols(table);
  SymbolTargets targets;
  for (const ElfSymbol &symbol : symbols)
    targets.push_back(read_symbol(elf, symbol, patch));
  for (const ElfSection &s : elf.sections()) {
    if (s.type == SHT_REL)
      throw elf.bad("{}: REL relocations", s.name);
    if (s.type != SHT_RELA)
      continue;
    if (s.link != table.index)
      throw elf.bad("{}: its symbols are not .symtab", s.name);
    read_relocations(elf, s, symbols, targets, patch);
  }
}

} // namespace

PatchFile parse_patch_file(std::string_view bytes, const std::string &path) {
  ElfFile elf(bytes, path);
  if (elf.type() != ET_REL)
    throw elf.bad("not a .kpatch file (ELF type {})", elf.type());
  PatchFile patch;
  patch.path = path;
  patch.metadata = read_metadata(elf);
  read_image(elf, patch);
  read_symbols_and_relocations(elf, patch);
  read_records(elf, patch);
  return patch;
}

PatchFile read_patch_file(const std::string &path) {
  MappedFile file(path);
  return parse_patch_file(file.text(), path);
}

} // namespace care
