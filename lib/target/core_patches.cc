// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/core_patches.h"

#include <algorithm>
#include <cstring>

#include "lib/target/redirect.h"

namespace care {

namespace {

constexpr uint64_t kMaxHeader = 16 << 20; // what decode_region() takes

std::optional<Region> region_at(RemoteAddr at, const CoreSegment &segment, const CoreFile &core) {
  char magic[sizeof kRegionMagic];
  if (core.read_some(at, magic, sizeof magic) != sizeof magic ||
      memcmp(magic, kRegionMagic, sizeof magic) != 0)
    return std::nullopt;
  std::string bytes(std::min(segment.size - (at.value - segment.range.begin.value), kMaxHeader),
                    '\0');
  bytes.resize(core.read_some(at, bytes.data(), bytes.size()));
  return decode_region(at, bytes);
}

} // namespace

std::vector<Region> find_regions(const CoreFile &core) {
  std::vector<Region> regions;
  for (const CoreSegment &s : core.segments()) {
    if (!s.read || s.write || s.exec)
      continue;
    for (uint64_t into = 0; into < s.size; into += kImagePage) {
      if (std::optional<Region> region = region_at(s.range.begin + into, s, core))
        regions.push_back(std::move(*region));
    }
  }
  return regions;
}

CoreJumps jumps_in_core(const Region &region, const CoreFile &core) {
  for (const Hunk &hunk : region.hunks) {
    for (const CodeWrite &w : writes_of(hunk)) {
      JumpBytes there{};
      if (core.read_some(w.at, there.data(), w.size) != w.size)
        return CoreJumps::missing;
      if (!std::equal(there.begin(), there.begin() + static_cast<ptrdiff_t>(w.size),
                      w.after.begin()))
        return CoreJumps::do_not;
    }
  }
  return CoreJumps::stand;
}

} // namespace care
