// SPDX-License-Identifier: GPL-2.0-or-later
//
// Order of sections: .note.kpatch, the image, its .rela sections, .kpatch.info,
// .kpatch.unsafe, .kpatch.hooks, .kpatch.strtab, .symtab, .strtab. Local symbols come first in
// .symtab, as ELF wants it: sections, then what lies inside, then the module's;
// imports, the only globals, end it.
#include "lib/patchfile/patch_writer.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "lib/base/error.h"
#include "lib/base/version.h"
#include "lib/elf/elf_writer.h"
#include "lib/elf/notes.h"

namespace care {

namespace {

template<typename T>
void append(std::string &bytes, const T &value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
}

std::string number_bytes(uint32_t value) {
  std::string bytes;
  append(bytes, value);
  return bytes;
}

std::string metadata_notes(const PatchMetadata &m) {
  auto note = [](PatchNote type, std::string_view descriptor) {
    return note_bytes(kNoteOwner, static_cast<uint32_t>(type), descriptor);
  };
  std::string ignored;
  for (const IgnoredSymbol &s : m.ignored)
    ignored += note(PatchNote::ignored, s.name + '\0' + s.change + '\0' + s.reason);
  std::string unproved;
  for (const std::string &difference : m.unproved)
    unproved += note(PatchNote::unproved, difference);
  return note(PatchNote::build_id, m.build_id) +
         note(PatchNote::format_version, number_bytes(kPatchFormatVersion)) +
         note(PatchNote::object_name, m.object_name) +
         note(PatchNote::patch_level, number_bytes(m.level)) +
         note(PatchNote::description, m.description) +
         note(PatchNote::tool_version, m.tool_version.empty() ? kVersion : m.tool_version) +
         (m.name.empty() ? "" : note(PatchNote::name, m.name)) +
         (m.spared == 0 ? "" : note(PatchNote::spared, number_bytes(m.spared))) + ignored +
         unproved;
}

uint64_t section_flags(const ImageSection &s) {
  if (s.group == Group::text)
    return SHF_ALLOC | SHF_EXECINSTR;
  bool written =
      s.group == Group::data || s.name == ".kpatch.got" || s.name == ".kpatch.data.rel.ro";
  return written ? SHF_ALLOC | SHF_WRITE : SHF_ALLOC;
}

OutputSection image_section(const ImageSection &s) {
  OutputSection out;
  out.name = s.name;
  out.type = s.nobits ? SHT_NOBITS : SHT_PROGBITS;
  out.flags = section_flags(s);
  out.addr = s.offset;
  out.align = s.align;
  out.bytes = s.bytes;
  out.nobits_size = s.size;
  return out;
}

uint8_t import_type(ImportKind kind) {
  switch (kind) {
  case ImportKind::function:
    return STT_FUNC;
  case ImportKind::object:
    return STT_OBJECT;
  case ImportKind::tls:
    return STT_TLS;
  case ImportKind::any:
    break;
  }
  return STT_NOTYPE;
}

// Builds .symtab and knows which symbol stands for which target.
class SymbolWriter {
 public:
  // Image section i is ELF section first_section + i.
  SymbolWriter(const PatchFile &patch, uint32_t first_section)
      : patch_(patch), first_section_(first_section) {
    add({}, "");
    for (size_t i = 0; i < patch.sections.size(); i++)
      add({0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 0, section_number(i), 0, 0}, "");
    for (const PatchSymbol &s : patch.symbols)
      add_inside(s);
    for (const PatchFunction &f : patch.functions)
      if (f.kind == RecordKind::new_tls)
        add_named(f.name, STT_TLS, tls_number(), f.replacement, f.replacement_size);
    for (const auto *list : {&patch.relocations, &patch.tls.relocations})
      for (const PatchRelocation &r : *list)
        add_target(r);
    locals_ = count_;
    for (const PatchImport &import : patch.imports)
      add({0,
           static_cast<uint8_t>(
               ELF64_ST_INFO(import.weak ? STB_WEAK : STB_GLOBAL, import_type(import.kind))),
           0, SHN_UNDEF, 0, 0},
          import.text());
  }

  Elf64_Rela relocation(const PatchRelocation &r, uint64_t section_offset) const {
    auto [symbol, addend] = reference(r);
    return {r.place - section_offset, ELF64_R_INFO(uint64_t{symbol}, r.type), addend};
  }

  uint32_t locals() const { return locals_; }
  const std::string &symbols() const { return symbols_; }
  const std::string &strings() const { return names_.bytes(); }

 private:
  uint32_t add(Elf64_Sym symbol, const std::string &name) {
    symbol.st_name = names_.add(name);
    append(symbols_, symbol);
    return count_++;
  }

  uint16_t section_number(size_t index) const {
    return static_cast<uint16_t>(first_section_ + index);
  }

  void add_inside(const PatchSymbol &s) {
    size_t index = section_of(s.offset, s.size);
    uint8_t info = ELF64_ST_INFO(STB_LOCAL, s.function ? STT_FUNC : STT_OBJECT);
    uint32_t number =
        add({0, info, 0, section_number(index), s.offset - patch_.sections[index].offset, s.size},
            s.name);
    inside_.try_emplace({s.name, s.offset}, number);
  }

  void add_target(const PatchRelocation &r) {
    if (const auto *module = std::get_if<ModuleTarget>(&r.target))
      add_named(r.symbol, STT_NOTYPE, SHN_ABS, module->addr.value);
    else if (const auto *tls = std::get_if<ModuleTlsTarget>(&r.target))
      add_named(r.symbol, STT_TLS, SHN_ABS, tls->offset);
    else if (const auto *own = std::get_if<OwnTlsTarget>(&r.target))
      add_named(r.symbol, STT_TLS, tls_number(), own->offset);
  }

  void add_named(const std::string &name, uint8_t type, uint16_t section, uint64_t value,
                 uint64_t size = 0) {
    if (named_.try_emplace({name, type, section, value}, count_).second)
      add({0, static_cast<uint8_t>(ELF64_ST_INFO(STB_LOCAL, type)), 0, section, value, size}, name);
  }

  // The thread-local section comes behind those of the image.
  uint16_t tls_number() const { return section_number(patch_.sections.size()); }

  std::pair<uint32_t, int64_t> reference(const PatchRelocation &r) const {
    if (const auto *module = std::get_if<ModuleTarget>(&r.target))
      return {named_.at({r.symbol, STT_NOTYPE, SHN_ABS, module->addr.value}), r.addend};
    if (const auto *tls = std::get_if<ModuleTlsTarget>(&r.target))
      return {named_.at({r.symbol, STT_TLS, SHN_ABS, tls->offset}), r.addend};
    if (const auto *own = std::get_if<OwnTlsTarget>(&r.target))
      return {named_.at({r.symbol, STT_TLS, tls_number(), own->offset}), r.addend};
    if (const auto *import = std::get_if<ImportTarget>(&r.target))
      return {locals_ + static_cast<uint32_t>(import->index), r.addend};
    uint64_t offset = std::get<InsideTarget>(r.target).offset;
    auto named = inside_.find({r.symbol, offset});
    if (named != inside_.end())
      return {named->second, r.addend};
    size_t index = section_of(offset, 0);
    return {static_cast<uint32_t>(1 + index),
            r.addend + static_cast<int64_t>(offset - patch_.sections[index].offset)};
  }

  size_t section_of(uint64_t offset, uint64_t size) const {
    // The last that fits: an offset between two sections is the start of the second.
    for (size_t i = patch_.sections.size(); i-- > 0;) {
      const ImageSection &s = patch_.sections[i];
      if (offset >= s.offset && offset - s.offset + size <= s.size)
        return i;
    }
    throw error("image offset {:#x} lies in no section", offset);
  }

  const PatchFile &patch_;
  uint32_t first_section_;
  StringTable names_;
  std::string symbols_;
  uint32_t count_ = 0;
  uint32_t locals_ = 0;
  std::map<std::pair<std::string, uint64_t>, uint32_t> inside_;
  // Name, type, section, value.
  std::map<std::tuple<std::string, uint8_t, uint16_t, uint64_t>, uint32_t> named_;
};

InfoRecord info_record(const PatchFunction &f, StringTable &strings) {
  InfoRecord r{};
  r.original = f.original.value;
  r.original_size = f.original_size;
  r.original_cold = f.original_cold.value;
  r.original_cold_size = f.original_cold_size;
  r.site = f.site.value;
  r.pad = f.pad.value;
  std::copy(f.pad_bytes.begin(), f.pad_bytes.end(), r.pad_bytes);
  r.replacement = f.replacement;
  r.replacement_size = f.replacement_size;
  r.replacement_cold = f.replacement_cold;
  r.replacement_cold_size = f.replacement_cold_size;
  std::memcpy(r.digest, f.digest.data(), kDigestSize);
  std::memcpy(r.cold_digest, f.cold_digest.data(), kDigestSize);
  r.name = strings.add(f.name);
  r.reason = strings.add(f.reason);
  r.source = strings.add(f.source);
  r.kind = static_cast<uint32_t>(f.kind);
  r.flags = f.flags;
  return r;
}

std::string info_bytes(const PatchFile &patch, StringTable &strings) {
  InfoHeader header{};
  std::memcpy(header.magic, kInfoMagic, sizeof kInfoMagic);
  header.count = static_cast<uint32_t>(patch.functions.size());
  header.record_size = sizeof(InfoRecord);
  std::string bytes;
  append(bytes, header);
  for (const PatchFunction &f : patch.functions)
    append(bytes, info_record(f, strings));
  return bytes;
}

std::string unsafe_bytes(const PatchFile &patch, StringTable &strings) {
  std::string bytes;
  for (const UnsafeFunction &f : patch.unsafe)
    append(bytes, UnsafeRecord{f.address.value, f.size, strings.add(f.name), 0});
  return bytes;
}

std::string hook_bytes(const PatchFile &patch, StringTable &strings) {
  std::string bytes;
  for (const PatchHook &h : patch.hooks)
    append(bytes, HookRecord{h.place, strings.add(h.name), static_cast<uint32_t>(h.kind)});
  return bytes;
}

std::string rela_bytes(const PatchFile &patch, const ImageSection &s, const SymbolWriter &symbols) {
  std::string bytes;
  for (const PatchRelocation &r : patch.relocations)
    if (r.place >= s.offset && r.place - s.offset < s.size)
      append(bytes, symbols.relocation(r, s.offset));
  return bytes;
}

std::string tls_rela_bytes(const PatchFile &patch, const SymbolWriter &symbols) {
  std::string bytes;
  for (const PatchRelocation &r : patch.tls.relocations)
    append(bytes, symbols.relocation(r, 0));
  return bytes;
}

OutputSection tls_section(const PatchTls &tls) {
  OutputSection s;
  s.name = ".kpatch.tls";
  s.type = SHT_PROGBITS;
  s.flags = SHF_ALLOC | SHF_WRITE | SHF_TLS;
  s.align = tls.align;
  s.bytes = tls.bytes;
  return s;
}

OutputSection plain(std::string name, uint32_t type, uint64_t align, std::string bytes) {
  OutputSection s;
  s.name = std::move(name);
  s.type = type;
  s.align = align;
  s.bytes = std::move(bytes);
  return s;
}

} // namespace

std::string patch_file_bytes(const PatchFile &patch) {
  constexpr uint32_t kFirstImageSection = 2; // behind the null section and the note
  SymbolWriter symbols(patch, kFirstImageSection);
  std::vector<OutputSection> out;
  out.push_back(plain(".note.kpatch", SHT_NOTE, 4, metadata_notes(patch.metadata)));
  for (const ImageSection &s : patch.sections)
    out.push_back(image_section(s));
  if (!patch.tls.bytes.empty())
    out.push_back(tls_section(patch.tls));
  size_t first_rela = out.size();
  auto add_rela = [&](const std::string &name, size_t section, std::string bytes) {
    if (bytes.empty())
      return;
    out.push_back(plain(".rela" + name, SHT_RELA, 8, std::move(bytes)));
    out.back().entsize = sizeof(Elf64_Rela);
    out.back().flags = SHF_INFO_LINK;
    out.back().info = static_cast<uint32_t>(kFirstImageSection + section);
  };
  for (size_t i = 0; i < patch.sections.size(); i++)
    add_rela(patch.sections[i].name, i, rela_bytes(patch, patch.sections[i], symbols));
  add_rela(".kpatch.tls", patch.sections.size(), tls_rela_bytes(patch, symbols));
  size_t end_rela = out.size();
  StringTable strings;
  out.push_back(plain(".kpatch.info", SHT_PROGBITS, 8, info_bytes(patch, strings)));
  if (!patch.unsafe.empty())
    out.push_back(plain(".kpatch.unsafe", SHT_PROGBITS, 8, unsafe_bytes(patch, strings)));
  if (!patch.hooks.empty())
    out.push_back(plain(".kpatch.hooks", SHT_PROGBITS, 8, hook_bytes(patch, strings)));
  out.push_back(plain(".kpatch.strtab", SHT_STRTAB, 1, strings.bytes()));
  out.push_back(plain(".symtab", SHT_SYMTAB, 8, symbols.symbols()));
  uint32_t symtab = static_cast<uint32_t>(out.size());
  out.back().entsize = sizeof(Elf64_Sym);
  out.back().link = symtab + 1;
  out.back().info = symbols.locals();
  out.push_back(plain(".strtab", SHT_STRTAB, 1, symbols.strings()));
  for (size_t i = first_rela; i < end_rela; i++)
    out[i].link = symtab;
  return relocatable_file(out);
}

} // namespace care
