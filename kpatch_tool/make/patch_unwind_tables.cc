// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/patch_unwind_tables.h"

#include <algorithm>

#include "lib/elf/cfi.h"

namespace care::tool {

namespace {

template<typename T>
void append(std::string &bytes, T value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void append_uleb(std::string &bytes, uint64_t value) {
  do {
    uint8_t byte = value & 0x7f;
    value >>= 7;
    append<uint8_t>(bytes, value ? byte | 0x80 : byte);
  } while (value);
}

void append_sleb(std::string &bytes, int64_t value) {
  for (;;) {
    uint8_t byte = value & 0x7f;
    value >>= 7; // arithmetic
    bool last = (value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40));
    append<uint8_t>(bytes, last ? byte : byte | 0x80);
    if (last)
      return;
  }
}

class UnwindWriter {
 public:
  UnwindWriter(const LinkPair &pair, Relocator &relocator, Draft &draft)
      : pair_(pair), relocator_(relocator), draft_(draft),
        frame_section_(draft.section(".eh_frame", Group::rodata, 8)),
        header_section_(draft.section(".eh_frame_hdr", Group::rodata, 4)) {}

  void run() {
    FrameTable table = read_frames(pair_.instrumented.elf);
    for (const FrameEntry &frame : table.frames) {
      const ElfSection *section = pair_.instrumented.elf.at(frame.begin);
      if (section && is_patch_section(*section))
        add_frame(table.commons[frame.common], frame.common, frame);
    }
    if (index_.empty())
      return;
    append<uint32_t>(bytes_, 0); // terminator
    set_bytes(frame_section_, bytes_, 8);
    add_header();
  }

 private:
  struct IndexEntry {
    DraftPlace function;
    uint64_t frame; // offset in .eh_frame
  };

  void set_bytes(size_t section, const std::string &bytes, uint64_t align) {
    draft_.sections[section].bytes = bytes;
    draft_.sections[section].size = bytes.size();
    draft_.sections[section].align = align;
  }

  // Four bytes that will hold the distance to `target`.
  void append_distance(const DraftTarget &target, const std::string &symbol) {
    bool inside = std::holds_alternative<DraftPlace>(target);
    draft_.relocations.push_back(
        {{frame_section_, bytes_.size()}, R_X86_64_PC32, target, 0, symbol, inside});
    append<int32_t>(bytes_, 0);
  }

  size_t begin_entry() {
    size_t begin = bytes_.size();
    append<uint32_t>(bytes_, 0); // length, set by end_entry
    return begin;
  }

  void end_entry(size_t begin) {
    while (bytes_.size() % 8 != 0)
      bytes_ += '\0'; // DW_CFA_nop
    auto length = static_cast<uint32_t>(bytes_.size() - begin - 4);
    std::memcpy(bytes_.data() + begin, &length, sizeof length);
  }

  // The routine itself, or the slot that holds it.
  DraftTarget personality(const CommonFrame &common, bool &indirect) {
    indirect = common.indirect();
    const LinkedFile &file = pair_.instrumented;
    const ElfSection *section = file.elf.at(common.personality);
    std::optional<SlotValue> meaning = meaning_of_stub(file, common.personality);
    if (!meaning && indirect && section && is_got(*section))
      meaning = meaning_of_slot(file, common.personality);
    if (meaning) {
      indirect = true;
      return relocator_.slot_for(*meaning, meaning->symbol ? meaning->symbol->name : "personality");
    }
    if (!section)
      throw file.elf.bad(".eh_frame: personality routine at {}", common.personality);
    return relocator_.place_target(*section, common.personality);
  }

  void add_common(const CommonFrame &common) {
    size_t begin = begin_entry();
    append<uint32_t>(bytes_, 0); // a CIE
    append<uint8_t>(bytes_, 1);  // version
    std::string letters = "z";
    for (char c : std::string("PLRSB"))
      if (c == 'R' || common.augmentation.find(c) != std::string::npos)
        letters += c;
    bytes_ += letters;
    bytes_ += '\0';
    append_uleb(bytes_, common.code_alignment);
    append_sleb(bytes_, common.data_alignment);
    append<uint8_t>(bytes_, static_cast<uint8_t>(common.return_register));
    bool lsda = common.augmentation.find('L') != std::string::npos;
    append_uleb(bytes_, 1 + (lsda ? 1 : 0) + (common.has_personality() ? 5 : 0));
    if (common.has_personality()) {
      bool indirect = false;
      DraftTarget target = personality(common, indirect);
      append<uint8_t>(bytes_,
                      indirect ? kEncodingPcrelSdata4 | kEncodingIndirect : kEncodingPcrelSdata4);
      append_distance(target, "personality");
    }
    if (lsda)
      append<uint8_t>(bytes_,
                      common.lsda_encoding == kEncodingOmit ? kEncodingOmit : kEncodingPcrelSdata4);
    append<uint8_t>(bytes_, kEncodingPcrelSdata4);
    bytes_ += common.instructions;
    end_entry(begin);
  }

  void add_frame(const CommonFrame &common, size_t number, const FrameEntry &frame) {
    auto [common_at, added] = common_at_.try_emplace(number, bytes_.size());
    if (added)
      add_common(common);
    size_t begin = begin_entry();
    index_.push_back({relocator_.inside(frame.begin), begin});
    append<uint32_t>(bytes_, static_cast<uint32_t>(begin + 4 - common_at->second));
    append_distance(index_.back().function, "");
    append<uint32_t>(bytes_, static_cast<uint32_t>(frame.size));
    bool has_lsda_field =
        common.lsda_encoding != kEncodingOmit && common.augmentation.find('L') != std::string::npos;
    append_uleb(bytes_, has_lsda_field ? 4 : 0);
    if (has_lsda_field && frame.lsda)
      append_distance(relocator_.inside(*frame.lsda), "");
    else if (has_lsda_field)
      append<uint32_t>(bytes_, 0);
    bytes_ += frame.instructions;
    end_entry(begin);
  }

  // Version 1, then encodings of: address of .eh_frame, count, table entries
  // (relative to the header). Sorted by function, for binary search.
  void add_header() {
    std::sort(index_.begin(), index_.end(), [](const IndexEntry &a, const IndexEntry &b) {
      return a.function.offset < b.function.offset; // one text section
    });
    std::string bytes("\x01\x1b\x03\x3b", 4);
    auto distance = [&](DraftPlace target, int64_t addend) {
      draft_.relocations.push_back(
          {{header_section_, bytes.size()}, R_X86_64_PC32, target, addend, "", true});
      append<int32_t>(bytes, 0);
    };
    distance({frame_section_, 0}, 0);
    append<uint32_t>(bytes, static_cast<uint32_t>(index_.size()));
    for (const IndexEntry &entry : index_) {
      // S + A - P with A = P - header is S - header.
      distance(entry.function, static_cast<int64_t>(bytes.size()));
      distance({frame_section_, entry.frame}, static_cast<int64_t>(bytes.size()));
    }
    set_bytes(header_section_, bytes, 4);
  }

  const LinkPair &pair_;
  Relocator &relocator_;
  Draft &draft_;
  size_t frame_section_;
  size_t header_section_;
  std::string bytes_; // of .eh_frame
  std::map<size_t, size_t> common_at_;
  std::vector<IndexEntry> index_;
};

} // namespace

void add_unwind_tables(const LinkPair &pair, Relocator &relocator, Draft &draft) {
  UnwindWriter(pair, relocator, draft).run();
}

} // namespace care::tool
