// SPDX-License-Identifier: GPL-2.0-or-later
//
// libelf finds the section headers; what they say about the file is checked
// here once, so that readers of a section need not.
#include "lib/elf/elf_file.h"

#include <algorithm>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/elf/notes.h"

namespace care {

namespace {

struct ElfCloser {
  void operator()(Elf *elf) const { elf_end(elf); }
};

void check_identity(std::string_view bytes, const std::string &path) {
  auto bad = [&](const char *what) { return error(ExitCode::bad_input, "{}: {}", path, what); };
  if (bytes.size() < sizeof(Elf64_Ehdr) || bytes.substr(0, SELFMAG) != ELFMAG)
    throw bad("not an ELF file");
  auto header = load_at<Elf64_Ehdr>(bytes, 0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    throw error(ExitCode::unsupported, "{}: not a 64-bit little-endian ELF file", path);
  if (header.e_machine != EM_X86_64)
    throw error(ExitCode::unsupported, "{}: not an x86-64 file (e_machine {})", path,
                header.e_machine);
  if (header.e_shoff == 0)
    throw bad("no section headers");
  if (header.e_shentsize != sizeof(Elf64_Shdr))
    throw bad("section header size is wrong");
  uint64_t table = uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
  if (!in_bounds(header.e_shoff, std::max<uint64_t>(table, sizeof(Elf64_Shdr)), bytes.size()))
    throw bad("section headers lie outside the file");
}

// Of a file that check_identity() refuses; libelf checks the rest of it.
std::string foreign_kind(std::string_view bytes) {
  if (bytes.size() < sizeof(Elf32_Ehdr) || bytes.substr(0, SELFMAG) != ELFMAG)
    return {};
  // The fields in front of the first address are the same in both classes.
  auto header = load_at<Elf32_Ehdr>(bytes, 0);
  bool is_64 = header.e_ident[EI_CLASS] == ELFCLASS64;
  if (header.e_ident[EI_DATA] != ELFDATA2LSB)
    return "big-endian code";
  if (header.e_machine == EM_X86_64)
    return is_64 ? "" : "x32 code";
  if (header.e_machine == EM_386)
    return "32-bit x86 code";
  return fmt::format("code for another machine (e_machine {})", header.e_machine);
}

} // namespace

bool ElfFile::is_elf(const std::string &path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  char magic[SELFMAG];
  return fd && ::read(fd.get(), magic, sizeof magic) == SELFMAG &&
         std::memcmp(magic, ELFMAG, SELFMAG) == 0;
}

ElfFile::ElfFile(const std::string &path, Machine machine)
    : path_(path), file_(std::make_unique<MappedFile>(path)), bytes_(file_->text()) {
  load(machine);
}

ElfFile::ElfFile(std::string_view bytes, std::string path) : path_(std::move(path)), bytes_(bytes) {
  load(Machine::x86_64);
}

void ElfFile::load(Machine machine) {
  if (machine == Machine::any)
    foreign_ = foreign_kind(bytes_);
  if (foreign_.empty())
    check_identity(bytes_, path_);
  elf_version(EV_CURRENT);
  // libelf takes char * but a file opened this way is only read.
  std::unique_ptr<Elf, ElfCloser> elf(elf_memory(const_cast<char *>(bytes_.data()), bytes_.size()));
  if (!elf || elf_kind(elf.get()) != ELF_K_ELF)
    throw bad("{}", elf_errmsg(-1));
  GElf_Ehdr header;
  if (!gelf_getehdr(elf.get(), &header))
    throw bad("{}", elf_errmsg(-1));
  type_ = header.e_type;
  is_64_ = gelf_getclass(elf.get()) == ELFCLASS64;
  load_sections(elf.get());
}

void ElfFile::load_sections(void *handle) {
  Elf *elf = static_cast<Elf *>(handle);
  size_t count = 0;
  size_t names_index = 0;
  if (elf_getshdrnum(elf, &count) != 0 || elf_getshdrstrndx(elf, &names_index) != 0)
    throw bad("{}", elf_errmsg(-1));
  std::vector<GElf_Shdr> headers(count);
  for (size_t i = 0; i < count; i++) {
    Elf_Scn *scn = elf_getscn(elf, i);
    if (!scn || !gelf_getshdr(scn, &headers[i]))
      throw bad("section {}: {}", i, elf_errmsg(-1));
    const GElf_Shdr &h = headers[i];
    bool has_bytes = h.sh_type != SHT_NOBITS && h.sh_type != SHT_NULL;
    if (has_bytes && !in_bounds(h.sh_offset, h.sh_size, bytes_.size()))
      throw bad("section {} lies outside the file", i);
    if ((h.sh_flags & SHF_ALLOC) && h.sh_addr + h.sh_size < h.sh_addr)
      throw bad("section {} wraps around the address space", i);
    ElfSection s;
    s.index = static_cast<uint32_t>(i);
    s.type = h.sh_type;
    s.flags = h.sh_flags;
    s.addr = LinkAddr(h.sh_addr);
    s.size = h.sh_type == SHT_NULL ? 0 : h.sh_size;
    s.align = h.sh_addralign;
    s.entsize = h.sh_entsize;
    s.link = h.sh_link;
    s.info = h.sh_info;
    if (has_bytes)
      s.bytes = bytes_.substr(h.sh_offset, h.sh_size);
    sections_.push_back(s);
  }
  if (names_index >= count || sections_[names_index].type != SHT_STRTAB)
    throw bad("no section name table");
  for (size_t i = 1; i < count; i++) {
    sections_[i].name = string_at(sections_[names_index], headers[i].sh_name);
    const ElfSection &s = sections_[i];
    if (s.alloc() && s.size > 0 && !(s.tls() && s.nobits()))
      by_address_.push_back(s.index);
  }
  std::sort(by_address_.begin(), by_address_.end(),
            [&](uint32_t a, uint32_t b) { return sections_[a].addr < sections_[b].addr; });
}

std::string_view ElfFile::string_at(const ElfSection &table, uint64_t offset) const {
  if (offset >= table.bytes.size())
    throw bad("a string lies outside {}", table.name.empty() ? "its table" : table.name);
  size_t end = table.bytes.find('\0', offset);
  if (end == std::string_view::npos)
    throw bad("a string in section {} has no end", table.index);
  return table.bytes.substr(offset, end - offset);
}

const ElfSection *ElfFile::find(std::string_view name) const {
  for (const ElfSection &s : sections_)
    if (s.index != 0 && s.name == name)
      return &s;
  return nullptr;
}

const ElfSection &ElfFile::require(std::string_view name) const {
  const ElfSection *s = find(name);
  if (!s)
    throw bad("no section {}", name);
  return *s;
}

const ElfSection *ElfFile::by_index(uint32_t index) const {
  return index > 0 && index < sections_.size() ? &sections_[index] : nullptr;
}

const ElfSection *ElfFile::at(LinkAddr addr) const {
  auto after =
      std::upper_bound(by_address_.begin(), by_address_.end(), addr,
                       [&](LinkAddr a, uint32_t index) { return a < sections_[index].addr; });
  if (after == by_address_.begin())
    return nullptr;
  const ElfSection &s = sections_[*std::prev(after)];
  return s.range().contains(addr) ? &s : nullptr;
}

std::vector<ElfSymbol> ElfFile::symbols(const ElfSection &section) const {
  const ElfSection *names = by_index(section.link);
  if (!names || names->type != SHT_STRTAB || section.entsize != sizeof(Elf64_Sym) ||
      section.bytes.size() % sizeof(Elf64_Sym) != 0)
    throw bad("{}: not a symbol table", section.name);
  std::vector<ElfSymbol> symbols;
  symbols.reserve(section.bytes.size() / sizeof(Elf64_Sym));
  for (uint64_t at = 0; at < section.bytes.size(); at += sizeof(Elf64_Sym)) {
    auto raw = load_at<Elf64_Sym>(section.bytes, at);
    ElfSymbol s;
    s.name = raw.st_name == 0 ? std::string_view() : string_at(*names, raw.st_name);
    s.value = LinkAddr(raw.st_value);
    s.size = raw.st_size;
    s.index = static_cast<uint32_t>(symbols.size());
    s.section = raw.st_shndx;
    s.type = ELF64_ST_TYPE(raw.st_info);
    s.binding = ELF64_ST_BIND(raw.st_info);
    s.visibility = ELF64_ST_VISIBILITY(raw.st_other);
    symbols.push_back(s);
  }
  return symbols;
}

std::vector<ElfRelocation> ElfFile::relocations(const ElfSection &section) const {
  if (section.type != SHT_RELA || section.entsize != sizeof(Elf64_Rela) ||
      section.bytes.size() % sizeof(Elf64_Rela) != 0)
    throw bad("{}: not a relocation section (RELA)", section.name);
  std::vector<ElfRelocation> relocations;
  relocations.reserve(section.bytes.size() / sizeof(Elf64_Rela));
  for (uint64_t at = 0; at < section.bytes.size(); at += sizeof(Elf64_Rela)) {
    auto raw = load_at<Elf64_Rela>(section.bytes, at);
    relocations.push_back({raw.r_offset, static_cast<uint32_t>(ELF64_R_TYPE(raw.r_info)),
                           static_cast<uint32_t>(ELF64_R_SYM(raw.r_info)), raw.r_addend});
  }
  return relocations;
}

const ElfSection *ElfFile::emitted_relocations(const ElfSection &section) const {
  // Dynamic relocations (.rela.plt names .got.plt in sh_info) are allocated.
  for (const ElfSection &s : sections_)
    if (s.type == SHT_RELA && !s.alloc() && s.info == section.index)
      return &s;
  return nullptr;
}

std::string_view ElfFile::read(LinkAddr addr, uint64_t size) const {
  const ElfSection *s = at(addr);
  if (!s || !in_bounds(addr.value - s->addr.value, size, s->bytes.size()))
    throw bad("no {} bytes of content at {}", size, addr);
  return s->bytes.substr(addr.value - s->addr.value, size);
}

std::string ElfFile::build_id() const {
  std::string id;
  for (const ElfSection &s : sections_)
    if (s.type == SHT_NOTE)
      for_each_note(s.bytes, [&](const Note &note) {
        if (note.owner == "GNU" && note.type == NT_GNU_BUILD_ID)
          id = note.descriptor;
      });
  return id;
}

} // namespace care
