// SPDX-License-Identifier: GPL-2.0-or-later
//
// The unwind information of a linked file (.eh_frame), with its pointers
// decoded to link-time addresses. libdw splits the section into entries; the
// augmentation data, where the pointers are, is read here (LSB, "Exception
// Frames": z P L R S B).
#pragma once

#include <optional>
#include <vector>

#include "lib/elf/elf_file.h"

namespace care {

// Pointer encodings (DW_EH_PE_*): format in the low four bits.
inline constexpr uint8_t kEncodingOmit = 0xff;
inline constexpr uint8_t kEncodingIndirect = 0x80;
inline constexpr uint8_t kEncodingPcrelSdata4 = 0x1b;

struct CommonFrame {
  uint64_t code_alignment = 1;
  int64_t data_alignment = -8;
  uint64_t return_register = 16;
  std::string augmentation; // "zPLR"
  uint8_t pointer_encoding = 0;
  uint8_t lsda_encoding = kEncodingOmit;
  uint8_t personality_encoding = kEncodingOmit;
  LinkAddr personality; // of the routine, or of its slot when indirect
  std::string_view instructions;

  bool has_personality() const { return personality_encoding != kEncodingOmit; }
  bool indirect() const { return has_personality() && personality_encoding & kEncodingIndirect; }
};

struct FrameEntry {
  size_t common = 0; // in FrameTable::commons
  LinkAddr begin;
  uint64_t size = 0;
  std::optional<LinkAddr> lsda;
  std::string_view instructions;
};

struct FrameTable {
  std::vector<CommonFrame> commons;
  std::vector<FrameEntry> frames; // in file order
};

// Empty when the file has no .eh_frame. Views live as long as `elf`.
FrameTable read_frames(const ElfFile &elf);

} // namespace care
