// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/patchfile/link_records.h"

namespace care {

std::vector<LinkRecord> read_link_records(const ElfFile &elf) {
  std::vector<LinkRecord> records;
  const ElfSection *info = elf.find(".kpatch.info");
  if (info == nullptr)
    return records;
  if (info->bytes.size() % sizeof(LinkRecord) != 0)
    throw elf.bad(".kpatch.info: {} bytes are no whole number of records", info->bytes.size());
  for (uint64_t at = 0; at < info->bytes.size(); at += sizeof(LinkRecord))
    records.push_back(load_at<LinkRecord>(info->bytes, at));
  return records;
}

std::string string_at(const ElfFile &elf, uint64_t offset) {
  const ElfSection &strings = elf.require(".kpatch.strtab");
  // Not loaded, so its address is 0 and the values of its labels are offsets.
  size_t end =
      offset < strings.bytes.size() ? strings.bytes.find('\0', offset) : std::string_view::npos;
  if (end == std::string_view::npos)
    throw elf.bad(".kpatch.strtab: no string at {}", offset);
  return std::string(strings.bytes.substr(offset, end - offset));
}

} // namespace care
