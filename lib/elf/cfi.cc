// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/cfi.h"

#include <elfutils/libdw.h>
#include <map>

namespace care {

namespace {

// Reads numbers out of .eh_frame and knows the address of what it reads.
class Cursor {
 public:
  Cursor(const ElfFile &elf, const ElfSection &section, const uint8_t *at, const uint8_t *end)
      : elf_(elf), section_(section), offset_(at - begin()), end_(end - begin()) {}

  template<typename T>
  T take() {
    if (!in_bounds(offset_, sizeof(T), end_))
      throw elf_.bad(".eh_frame: an entry is cut off at {:#x}", offset_);
    T value = load_at<T>(section_.bytes, offset_);
    offset_ += sizeof(T);
    return value;
  }

  uint64_t uleb() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = take<uint8_t>();
      value |= uint64_t{byte & 0x7fu} << shift;
      if (!(byte & 0x80))
        return value;
    }
    throw elf_.bad(".eh_frame: a number is too long at {:#x}", offset_);
  }

  // The value alone: base address not applied.
  uint64_t raw_pointer(uint8_t encoding) {
    switch (encoding & 0x0f) {
    case 0x00: // absptr
    case 0x04: // udata8
    case 0x0c: // sdata8
      return take<uint64_t>();
    case 0x02:
      return take<uint16_t>();
    case 0x03:
      return take<uint32_t>();
    case 0x0a:
      return static_cast<uint64_t>(int64_t{take<int16_t>()});
    case 0x0b:
      return static_cast<uint64_t>(int64_t{take<int32_t>()});
    default:
      throw elf_.bad(".eh_frame: pointer encoding {:#x}", encoding);
    }
  }

  LinkAddr pointer(uint8_t encoding) {
    uint64_t place = section_.addr.value + offset_;
    uint64_t value = raw_pointer(encoding);
    switch (encoding & 0x70) {
    case 0x00:
      return LinkAddr(value);
    case 0x10:
      return LinkAddr(value == 0 ? 0 : place + value); // 0 stays "none"
    default:
      throw elf_.bad(".eh_frame: pointer encoding {:#x}", encoding);
    }
  }

  std::string_view take_bytes(uint64_t size) {
    if (!in_bounds(offset_, size, end_))
      throw elf_.bad(".eh_frame: an entry is cut off at {:#x}", offset_);
    offset_ += size;
    return section_.bytes.substr(offset_ - size, size);
  }

  std::string_view rest() { return take_bytes(end_ - offset_); }

 private:
  const uint8_t *begin() const { return reinterpret_cast<const uint8_t *>(section_.bytes.data()); }

  const ElfFile &elf_;
  const ElfSection &section_;
  uint64_t offset_;
  uint64_t end_;
};

CommonFrame common_of(const ElfFile &elf, const ElfSection &section, const Dwarf_CIE &cie) {
  CommonFrame common;
  common.code_alignment = cie.code_alignment_factor;
  common.data_alignment = cie.data_alignment_factor;
  common.return_register = cie.return_address_register;
  common.augmentation = cie.augmentation;
  common.instructions = {
      reinterpret_cast<const char *>(cie.initial_instructions),
      static_cast<size_t>(cie.initial_instructions_end - cie.initial_instructions)};
  if (!common.augmentation.empty() && common.augmentation[0] != 'z')
    throw elf.bad(".eh_frame: augmentation \"{}\"", common.augmentation);
  Cursor data(elf, section, cie.augmentation_data,
              cie.augmentation_data + cie.augmentation_data_size);
  for (char c : common.augmentation) {
    if (c == 'P') {
      common.personality_encoding = data.take<uint8_t>();
      common.personality = data.pointer(common.personality_encoding);
    } else if (c == 'L') {
      common.lsda_encoding = data.take<uint8_t>();
    } else if (c == 'R') {
      common.pointer_encoding = data.take<uint8_t>();
    } else if (c != 'z' && c != 'S' && c != 'B') {
      throw elf.bad(".eh_frame: augmentation \"{}\"", common.augmentation);
    }
  }
  return common;
}

FrameEntry frame_of(const ElfFile &elf, const ElfSection &section, const Dwarf_FDE &fde,
                    const CommonFrame &common) {
  FrameEntry frame;
  Cursor data(elf, section, fde.start, fde.end);
  frame.begin = data.pointer(common.pointer_encoding);
  frame.size = data.raw_pointer(common.pointer_encoding);
  if (!common.augmentation.empty()) {
    uint64_t size = data.uleb();
    std::string_view augmentation = data.take_bytes(size);
    if (common.lsda_encoding != kEncodingOmit && size > 0) {
      auto *at = reinterpret_cast<const uint8_t *>(augmentation.data());
      LinkAddr lsda = Cursor(elf, section, at, at + size).pointer(common.lsda_encoding);
      if (lsda)
        frame.lsda = lsda;
    }
  }
  frame.instructions = data.rest();
  return frame;
}

} // namespace

FrameTable read_frames(const ElfFile &elf) {
  FrameTable table;
  const ElfSection *section = elf.find(".eh_frame");
  if (!section || section->bytes.empty())
    return table;
  Elf_Data data{};
  data.d_buf = const_cast<char *>(section->bytes.data()); // libdw only reads it
  data.d_size = section->bytes.size();
  data.d_type = ELF_T_BYTE;
  data.d_version = EV_CURRENT;
  auto *identity = reinterpret_cast<const unsigned char *>(elf.bytes().data());
  std::map<uint64_t, size_t> common_at; // by offset of the CIE
  for (Dwarf_Off at = 0, next = 0; at < section->bytes.size(); at = next) {
    if (in_bounds(at, 4, section->bytes.size()) && load_at<uint32_t>(section->bytes, at) == 0) {
      next = at + 4; // a terminator; crtend.o's need not be the last of the section
      continue;
    }
    Dwarf_CFI_Entry entry;
    int result = dwarf_next_cfi(identity, &data, true, at, &next, &entry);
    if (result > 0)
      break;
    if (result < 0 || next <= at)
      throw elf.bad(".eh_frame+{:#x}: {}", at, dwarf_errmsg(-1));
    if (dwarf_cfi_cie_p(&entry)) {
      common_at[at] = table.commons.size();
      table.commons.push_back(common_of(elf, *section, entry.cie));
      continue;
    }
    auto common = common_at.find(entry.fde.CIE_pointer);
    if (common == common_at.end())
      throw elf.bad(".eh_frame+{:#x}: no CIE at {:#x}", at, entry.fde.CIE_pointer);
    table.frames.push_back(frame_of(elf, *section, entry.fde, table.commons[common->second]));
    table.frames.back().common = common->second;
  }
  return table;
}

} // namespace care
