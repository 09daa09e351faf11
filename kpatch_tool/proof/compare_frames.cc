// SPDX-License-Identifier: GPL-2.0-or-later
//
// The layout proof for unwind tables. The linker merges CIEs and drops entries,
// so .eh_frame is compared by what it says of each function: range, rules,
// language-specific data and personality routine.
#include "kpatch_tool/proof/layout_proof.h"
#include "lib/elf/cfi.h"

namespace care::tool {

namespace {

using FramesByPlace = std::map<SlotValue, const FrameEntry *>;

// Frames of original code; those of PLT stubs are the linker's own.
FramesByPlace by_place(const LinkedFile &file, const FrameTable &table) {
  FramesByPlace frames;
  for (const FrameEntry &frame : table.frames) {
    const ElfSection *section = file.elf.at(frame.begin);
    if (section && !is_patch_section(*section) && !is_synthetic(*section))
      frames.emplace(meaning_of_address(file, frame.begin), &frame);
  }
  return frames;
}

SlotValue personality_meaning(const LinkedFile &file, const CommonFrame &common) {
  if (!common.has_personality())
    return {};
  const ElfSection *section = file.elf.at(common.personality);
  if (common.indirect() && section && is_got(*section))
    return meaning_of_slot(file, common.personality);
  if (auto stub = meaning_of_stub(file, common.personality))
    return *stub;
  return meaning_of_address(file, common.personality);
}

// The linker pads entries with DW_CFA_nop (0) as it likes.
std::string_view without_padding(std::string_view instructions) {
  size_t last = instructions.find_last_not_of('\0');
  return last == std::string_view::npos ? std::string_view() : instructions.substr(0, last + 1);
}

bool same_common(const LinkPair &pair, const CommonFrame &a, const CommonFrame &b) {
  return a.augmentation == b.augmentation && a.code_alignment == b.code_alignment &&
         a.data_alignment == b.data_alignment && a.return_register == b.return_register &&
         without_padding(a.instructions) == without_padding(b.instructions) &&
         a.indirect() == b.indirect() &&
         personality_meaning(pair.instrumented, a) == personality_meaning(pair.target, b);
}

bool same_frame(const LinkPair &pair, const FrameEntry &a, const FrameEntry &b) {
  if (a.size != b.size || without_padding(a.instructions) != without_padding(b.instructions) ||
      a.lsda.has_value() != b.lsda.has_value())
    return false;
  return !a.lsda ||
         meaning_of_address(pair.instrumented, *a.lsda) == meaning_of_address(pair.target, *b.lsda);
}

} // namespace

void compare_frames(const LinkPair &pair, LayoutProof &proof) {
  FrameTable ours = read_frames(pair.instrumented.elf);
  FrameTable theirs = read_frames(pair.target.elf);
  FramesByPlace our_frames = by_place(pair.instrumented, ours);
  FramesByPlace their_frames = by_place(pair.target, theirs);
  for (const auto &[place, frame] : our_frames) {
    auto other = their_frames.find(place);
    if (other == their_frames.end()) {
      proof.differences.add(frame->begin, "the target has no unwind entry for it");
      continue;
    }
    if (!same_common(pair, ours.commons[frame->common], theirs.commons[other->second->common]) ||
        !same_frame(pair, *frame, *other->second))
      proof.differences.add(frame->begin, "its unwind entry differs");
    proof.frames++;
  }
  for (const auto &[place, frame] : their_frames)
    if (!our_frames.contains(place))
      proof.differences.add(
          fmt::format("only the target has an unwind entry for {}", place.text()));
}

} // namespace care::tool
