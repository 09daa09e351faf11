// SPDX-License-Identifier: GPL-2.0-or-later
//
// The entries of a dynamic section: .dynamic of a file, PT_DYNAMIC in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <elf.h>

namespace care {

struct DynamicEntry {
  int64_t tag = DT_NULL; // DT_*
  uint64_t value = 0;    // a number, an address or an offset in the string table, by the tag
};

// More bytes than any dynamic section has; bounds what a stranger's can make us read.
inline constexpr uint64_t kMaxDynamicSize = 64 << 10;

// The entries before DT_NULL; those that are there when the bytes end before it.
std::vector<DynamicEntry> dynamic_entries(std::string_view bytes, bool is_64 = true);

// The value of the first entry with `tag`.
std::optional<uint64_t> find_entry(const std::vector<DynamicEntry> &entries, int64_t tag);

} // namespace care
