// SPDX-License-Identifier: GPL-2.0-or-later
//
// A read-only view of one x86-64 ELF file; with Machine::any of any other one as well, of
// which sections, build-id and soname can be asked for, and nothing else.
//
// Opening copies the section headers out of libelf into plain structs and
// checks each against the file; contents stay in the mapped file and are handed
// out as string_views that live as long as the ElfFile. Nothing here follows
// program headers: build-side tools work on sections, which a stripped binary
// keeps. A file that breaks a rule is an Error (bad_input) that names it.
#pragma once

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/address.h"
#include "lib/base/error.h"
#include "lib/base/mapped_file.h"

namespace care {

struct ElfSection {
  std::string_view name;
  uint32_t index = 0;
  uint32_t type = 0; // SHT_*
  uint64_t flags = 0;
  LinkAddr addr;
  uint64_t size = 0;
  uint64_t align = 0;
  uint64_t entsize = 0;
  uint32_t link = 0;
  uint32_t info = 0;
  std::string_view bytes; // empty for SHT_NOBITS

  bool alloc() const { return flags & SHF_ALLOC; }
  bool nobits() const { return type == SHT_NOBITS; }
  bool tls() const { return flags & SHF_TLS; }
  LinkRange range() const { return {addr, addr + size}; }
};

struct ElfSymbol {
  std::string_view name;
  LinkAddr value; // an offset in its section in ET_REL files
  uint64_t size = 0;
  uint32_t index = 0;   // in its table
  uint16_t section = 0; // section index, or SHN_UNDEF, SHN_ABS, SHN_COMMON
  uint8_t type = 0;     // STT_*
  uint8_t binding = 0;  // STB_*
  uint8_t visibility = 0;

  bool defined() const { return section != SHN_UNDEF; }
};

struct ElfRelocation {
  uint64_t offset = 0; // address in linked files, offset in the section in ET_REL
  uint32_t type = 0;   // R_X86_64_*
  uint32_t symbol = 0; // index in the linked symbol table
  int64_t addend = 0;
};

enum class Machine { x86_64, any };

class ElfFile {
 public:
  explicit ElfFile(const std::string &path, Machine machine = Machine::x86_64);
  // `bytes` must outlive the object; `path` is for messages.
  ElfFile(std::string_view bytes, std::string path);
  ElfFile(ElfFile &&) = default;

  // Does the file, no link, begin as ELF files do?
  static bool is_elf(const std::string &path);

  const std::string &path() const { return path_; }
  uint16_t type() const { return type_; } // ET_EXEC, ET_DYN, ET_REL
  // What it is for when not for 64-bit x86-64 code: "32-bit x86", say. Else "".
  const std::string &foreign() const { return foreign_; }
  bool is_64() const { return is_64_; }
  std::string_view bytes() const { return bytes_; }

  // All sections, indexed by section number; [0] is the null section.
  const std::vector<ElfSection> &sections() const { return sections_; }
  const ElfSection *find(std::string_view name) const; // the first of that name, or null
  const ElfSection &require(std::string_view name) const;
  const ElfSection *by_index(uint32_t index) const; // null when there is none
  // The allocated section that holds addr (.tbss occupies nothing), or null.
  const ElfSection *at(LinkAddr addr) const;

  // The table in `section` (SHT_SYMTAB or SHT_DYNSYM), [0] is the null symbol.
  std::vector<ElfSymbol> symbols(const ElfSection &section) const;
  std::vector<ElfRelocation> relocations(const ElfSection &section) const; // SHT_RELA
  // The SHT_RELA section that --emit-relocs made for `section`, or null.
  const ElfSection *emitted_relocations(const ElfSection &section) const;

  // Bytes [addr, addr + size) of a section with contents. Error when not all there.
  std::string_view read(LinkAddr addr, uint64_t size) const;
  // Raw bytes of the GNU build-id, empty when there is none.
  std::string build_id() const;

  // Error "PATH: ..." of kind bad_input.
  template<typename... Args>
  Error bad(fmt::format_string<Args...> format, Args &&...args) const {
    return error(ExitCode::bad_input, "{}: {}", path_,
                 fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  void load(Machine machine);
  void load_sections(void *elf);
  std::string_view string_at(const ElfSection &table, uint64_t offset) const;

  std::string path_;
  std::unique_ptr<MappedFile> file_; // null for bytes in memory
  std::string_view bytes_;
  uint16_t type_ = 0;
  bool is_64_ = true;
  std::string foreign_;
  std::vector<ElfSection> sections_;
  std::vector<uint32_t> by_address_; // allocated sections of size > 0, without .tbss
};

// One T out of `bytes` at `offset`. The caller has checked the bounds.
template<typename T>
T load_at(std::string_view bytes, uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// True when [offset, offset + size) lies in [0, limit).
inline bool in_bounds(uint64_t offset, uint64_t size, uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

} // namespace care
