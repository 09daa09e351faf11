// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/placement.h"

#include <algorithm>
#include <optional>

namespace care {

namespace {

constexpr uint64_t kPage = 4096;
// An unmapped page on either side: keeps an overrun from our neighbours, and the
// kernel from merging our mappings with theirs.
constexpr uint64_t kMargin = kPage;
// Largest distance between any two bytes of object and region; a little less than
// 2 GiB, since relocations have addends.
constexpr uint64_t kReach = (uint64_t{1} << 31) - (1 << 20);
constexpr uint64_t kLowLimit = (uint64_t{1} << 31) - kPage;
constexpr uint64_t kLowest = 1 << 16;                      // vm.mmap_min_addr
constexpr uint64_t kHighest = (uint64_t{1} << 47) - kPage; // end of user addresses
// What the heap may grow into undisturbed. In a position-independent program the
// hole above the heap ends at the libraries, terabytes away, and is often the only
// one near them: its far end is where the kernel itself maps next.
constexpr uint64_t kHeapRoom = uint64_t{64} << 30;
constexpr size_t kMaxPlaces = 16;

struct Hole {
  RemoteAddr begin;
  RemoteAddr end;
};

std::vector<Hole> usable_holes(const MemoryMap &map, RemoteAddr brk_start) {
  std::vector<Hole> holes;
  RemoteAddr at(kLowest);
  bool after_heap = false;
  auto add = [&](RemoteAddr end, bool below_stack) {
    bool brk_hole = after_heap || (brk_start && at <= brk_start && brk_start <= end);
    RemoteAddr begin = brk_hole ? at + kHeapRoom : at;
    if (begin < end && !below_stack)
      holes.push_back({begin, end});
  };
  for (const Mapping &m : map) {
    if (m.range.begin.value >= kHighest)
      break;
    bool heap = m.path == "[heap]";
    // The hole below [heap] is a fine place although brk_start lies at its end.
    if (heap && at < m.range.begin)
      holes.push_back({at, m.range.begin});
    else
      add(m.range.begin, m.path == "[stack]");
    after_heap = heap;
    at = std::max(at, m.range.end);
  }
  add(RemoteAddr(kHighest), false);
  return holes;
}

// The place in `hole` that is nearest to the object.
std::optional<RemoteAddr> place_in(const Hole &hole, const PlaceRequest &request) {
  RemoteAddr begin = hole.begin + kMargin;
  RemoteAddr end = hole.end - kMargin;
  if (request.below_2g)
    end = std::min(end, RemoteAddr(kLowLimit));
  if (end <= begin || static_cast<uint64_t>(end - begin) < request.size)
    return std::nullopt;
  // Below the object its upper end is nearest, above it the lower.
  RemoteAddr at = end <= request.object.begin ? end - request.size : begin;
  RemoteAddr low = std::min(at, request.object.begin);
  RemoteAddr high = std::max(at + request.size, request.object.end);
  if (static_cast<uint64_t>(high - low) > kReach)
    return std::nullopt;
  return at;
}

} // namespace

std::vector<RemoteAddr> find_places(const MemoryMap &map, const PlaceRequest &request) {
  std::vector<RemoteAddr> places;
  for (const Hole &hole : usable_holes(map, request.brk_start)) {
    if (std::optional<RemoteAddr> at = place_in(hole, request))
      places.push_back(*at);
  }
  auto distance = [&](RemoteAddr at) {
    return at < request.object.begin ? request.object.begin - at : at - request.object.begin;
  };
  std::sort(places.begin(), places.end(),
            [&](RemoteAddr a, RemoteAddr b) { return distance(a) < distance(b); });
  if (places.size() > kMaxPlaces)
    places.resize(kMaxPlaces);
  return places;
}

} // namespace care
