// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/elf_writer.h"

#include <cerrno>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <memory>
#include <sys/mman.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care {

namespace {

struct ElfCloser {
  void operator()(Elf *elf) const { elf_end(elf); }
};

Error libelf_error() {
  return error("cannot write ELF file: {}", elf_errmsg(-1));
}

void add_section(Elf *elf, const OutputSection &section, uint32_t name) {
  Elf_Scn *scn = elf_newscn(elf);
  Elf_Data *data = scn ? elf_newdata(scn) : nullptr;
  GElf_Shdr header{};
  if (!data || !gelf_getshdr(scn, &header))
    throw libelf_error();
  bool nobits = section.type == SHT_NOBITS;
  // libelf only reads what d_buf points to; the bytes outlive elf_update.
  data->d_buf = nobits ? nullptr : const_cast<char *>(section.bytes.data());
  data->d_size = nobits ? section.nobits_size : section.bytes.size();
  data->d_type = ELF_T_BYTE;
  data->d_align = section.align;
  data->d_version = EV_CURRENT;
  header.sh_name = name;
  header.sh_type = section.type;
  header.sh_flags = section.flags;
  header.sh_addr = section.addr;
  header.sh_addralign = section.align;
  header.sh_entsize = section.entsize;
  header.sh_link = section.link;
  header.sh_info = section.info;
  if (!gelf_update_shdr(scn, &header))
    throw libelf_error();
}

} // namespace

uint32_t StringTable::add(std::string_view text) {
  if (text.empty())
    return 0;
  auto [place, added] = known_.try_emplace(std::string(text), static_cast<uint32_t>(bytes_.size()));
  if (added) {
    bytes_ += text;
    bytes_ += '\0';
  }
  return place->second;
}

std::string relocatable_file(const std::vector<OutputSection> &sections) {
  Fd fd(memfd_create("elf", MFD_CLOEXEC));
  if (!fd)
    throw system_error(errno, "cannot make a file in memory");
  elf_version(EV_CURRENT);
  std::unique_ptr<Elf, ElfCloser> elf(elf_begin(fd.get(), ELF_C_WRITE, nullptr));
  if (!elf || !gelf_newehdr(elf.get(), ELFCLASS64))
    throw libelf_error();
  GElf_Ehdr header{};
  if (!gelf_getehdr(elf.get(), &header))
    throw libelf_error();
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_REL;
  header.e_machine = EM_X86_64;
  header.e_version = EV_CURRENT;
  header.e_shstrndx = static_cast<GElf_Half>(sections.size() + 1);
  if (!gelf_update_ehdr(elf.get(), &header))
    throw libelf_error();

  StringTable names;
  for (const OutputSection &section : sections)
    add_section(elf.get(), section, names.add(section.name));
  OutputSection table;
  table.name = ".shstrtab";
  table.type = SHT_STRTAB;
  uint32_t own_name = names.add(table.name);
  table.bytes = names.bytes();
  add_section(elf.get(), table, own_name);

  int64_t size = elf_update(elf.get(), ELF_C_WRITE);
  if (size < 0)
    throw libelf_error();
  elf.reset();
  return read_file(fmt::format("/proc/self/fd/{}", fd.get()));
}

} // namespace care
