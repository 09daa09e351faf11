// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/dynamic_section.h"

#include "lib/elf/elf_file.h"

namespace care {

namespace {

template<typename Entry>
std::vector<DynamicEntry> entries_of(std::string_view bytes) {
  std::vector<DynamicEntry> entries;
  for (uint64_t at = 0; in_bounds(at, sizeof(Entry), bytes.size()); at += sizeof(Entry)) {
    auto entry = load_at<Entry>(bytes, at);
    if (entry.d_tag == DT_NULL)
      break;
    entries.push_back({entry.d_tag, entry.d_un.d_val});
  }
  return entries;
}

} // namespace

std::vector<DynamicEntry> dynamic_entries(std::string_view bytes, bool is_64) {
  return is_64 ? entries_of<Elf64_Dyn>(bytes) : entries_of<Elf32_Dyn>(bytes);
}

std::optional<uint64_t> find_entry(const std::vector<DynamicEntry> &entries, int64_t tag) {
  for (const DynamicEntry &entry : entries)
    if (entry.tag == tag)
      return entry.value;
  return std::nullopt;
}

} // namespace care
