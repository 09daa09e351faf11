// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/unwind_tables.h"

#include <fmt/format.h>

namespace care {

namespace {

// DWARF pointer encodings, LSB 5.0 "Exception Frames", 10.6.
constexpr uint8_t kUdata4 = 0x03;
constexpr uint8_t kSdata4Relative = 0x3b; // DW_EH_PE_datarel | DW_EH_PE_sdata4
constexpr uint8_t kSdata4 = 0x0b;         // low nibble of the eh_frame pointer

} // namespace

std::vector<UnwindTable> unwind_tables(const std::vector<LoadedObject> &objects) {
  std::vector<UnwindTable> tables;
  for (const LoadedObject &o : objects) {
    if (!o.eh_frame_hdr)
      continue;
    for (const Segment &s : o.segments) {
      if (s.exec)
        tables.push_back({{o.bias + s.range.begin, o.bias + s.range.end},
                          o.bias + o.eh_frame_hdr->begin,
                          o.name,
                          o.range.begin});
    }
  }
  return tables;
}

const UnwindTable *find_table(const std::vector<UnwindTable> &tables, RemoteAddr pc) {
  for (const UnwindTable &t : tables) {
    if (t.code.contains(pc))
      return &t;
  }
  return nullptr;
}

std::string place_text(const UnwindTable &table, RemoteAddr pc, RemoteAddr code) {
  for (const CodeRange &f : table.functions) {
    if (f.range.contains(code))
      return fmt::format("{}+{:#x} ({})", f.name, pc.value - f.range.begin.value, table.name);
  }
  return fmt::format("{}+{:#x}", table.name, pc.value - table.base.value);
}

std::optional<SearchTable> read_search_table(const UnwindTable &table, CachedMemory &memory) {
  struct Header {
    uint8_t version;
    uint8_t eh_frame_encoding;
    uint8_t count_encoding;
    uint8_t table_encoding;
    int32_t eh_frame;
    uint32_t count;
  } header;
  if (!memory.try_read(table.eh_frame_hdr, &header, sizeof header) || header.version != 1 ||
      (header.eh_frame_encoding & 0x0f) != kSdata4 || header.count_encoding != kUdata4 ||
      header.table_encoding != kSdata4Relative)
    return std::nullopt;
  return SearchTable{table.eh_frame_hdr + sizeof header, header.count};
}

} // namespace care
