// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/paddings.h"

#include <algorithm>

#include "lib/elf/cfi.h"
#include "lib/x86/patch_site.h"

namespace care::tool {

namespace {

// Ranges that are known to be no padding, ascending by beginning. A symbol without a size
// (an assembler label) covers everything up to the next one, since its extent is unknown.
std::vector<LinkRange> covered(const LinkedFile &file, const ElfSection &section,
                               const std::vector<LinkRange> &frames) {
  std::vector<LinkRange> ranges;
  std::vector<LinkAddr> labels;
  for (const ElfSymbol &s : file.symbols) {
    if (s.section != section.index || s.type == STT_SECTION || s.type == STT_FILE)
      continue;
    if (s.size > 0)
      ranges.push_back({s.value, s.value + s.size});
    else
      labels.push_back(s.value);
  }
  for (const LinkRange &frame : frames)
    if (section.range().contains(frame.begin))
      ranges.push_back(frame);
  auto by_begin = [](const LinkRange &a, const LinkRange &b) { return a.begin < b.begin; };
  std::sort(ranges.begin(), ranges.end(), by_begin);
  size_t sized = ranges.size();
  for (LinkAddr label : labels) {
    auto next = std::upper_bound(ranges.begin(), ranges.begin() + static_cast<ptrdiff_t>(sized),
                                 LinkRange{label, label}, by_begin);
    LinkAddr end =
        next == ranges.begin() + static_cast<ptrdiff_t>(sized) ? section.range().end : next->begin;
    ranges.push_back({label, end});
  }
  std::sort(ranges.begin(), ranges.end(), by_begin);
  return ranges;
}

} // namespace

Paddings::Paddings(const LinkedFile &file, const CodeEntries &entries)
    : file_(file), entries_(entries) {
  for (const FrameEntry &frame : read_frames(file.elf).frames)
    frames_.push_back({frame.begin, frame.begin + frame.size});
}

const std::vector<Paddings::Gap> &Paddings::gaps_of(const ElfSection &section) {
  auto [known, added] = gaps_.try_emplace(section.index);
  std::vector<Gap> &gaps = known->second;
  if (!added)
    return gaps;
  LinkRange before{section.addr, section.addr};
  auto add = [&](LinkAddr next) {
    if (before.end < next && before.begin < before.end)
      gaps.push_back({{before.end, next}, before});
  };
  for (const LinkRange &range : covered(file_, section, frames_)) {
    add(range.begin);
    if (range.end >= before.end)
      before = range;
  }
  add(section.range().end);
  return gaps;
}

std::optional<LinkRange> Paddings::usable(const Gap &gap) const {
  std::string_view bytes = file_.elf.read(gap.range.begin, gap.range.size());
  if (padding_length(bytes) != bytes.size() || !entries_.into(gap.range).empty() ||
      !ends_flow(file_.elf.read(gap.before.begin, gap.before.size())))
    return std::nullopt;
  LinkRange free = gap.range;
  for (const LinkRange &claim : claimed_)
    if (claim.overlaps(free))
      free.begin = std::max(free.begin, claim.end);
  return free.empty() ? std::nullopt : std::optional(free);
}

uint64_t Paddings::behind(LinkAddr end) {
  std::vector<LinkRange> found = in({end, end + 1});
  return !found.empty() && found.front().begin == end ? found.front().size() : 0;
}

std::vector<LinkRange> Paddings::in(LinkRange range) {
  std::vector<LinkRange> found;
  const ElfSection *section = file_.elf.at(range.begin);
  if (!section)
    return found;
  const std::vector<Gap> &gaps = gaps_of(*section);
  auto first = std::upper_bound(gaps.begin(), gaps.end(), range.begin,
                                [](LinkAddr a, const Gap &gap) { return a < gap.range.end; });
  for (; first != gaps.end() && first->range.begin < range.end; ++first)
    if (std::optional<LinkRange> free = usable(*first))
      found.push_back(*free);
  return found;
}

} // namespace care::tool
