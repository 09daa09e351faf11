// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/resolve/placement.h"

#include <algorithm>
#include <optional>

#include "lib/base/units.h"

namespace care {

namespace {

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

// The kernel keeps this much unmapped below the stack (stack_guard_gap), and then some.
constexpr uint64_t kStackGuard = 2 << 20;

struct Holes {
  std::vector<RemoteRange> ordinary;
  std::vector<RemoteRange> below_stack; // of it, what the stack does not need
};

Holes find_holes(const MemoryMap &map, const PlaceRequest &request) {
  Holes holes;
  RemoteAddr at(kLowest);
  bool after_heap = false;
  auto add = [&](RemoteAddr end, std::vector<RemoteRange> &to) {
    bool brk_hole =
        after_heap || (request.brk_start && at <= request.brk_start && request.brk_start <= end);
    RemoteAddr begin = brk_hole ? at + kHeapRoom : at;
    if (begin < end)
      to.push_back({begin, end});
  };
  for (const Mapping &m : map) {
    if (m.range.begin.value >= kHighest)
      break;
    bool heap = m.path == "[heap]";
    // The hole below [heap] is a fine place although brk_start lies at its end.
    if (heap && at < m.range.begin) {
      holes.ordinary.push_back({at, m.range.begin});
    } else if (m.path == "[stack]") {
      uint64_t room = request.stack_limit + kStackGuard;
      if (room > kStackGuard && room < m.range.end.value)
        add(std::min(m.range.begin, m.range.end - room), holes.below_stack);
    } else {
      add(m.range.begin, holes.ordinary);
    }
    after_heap = heap;
    at = std::max(at, m.range.end);
  }
  add(RemoteAddr(kHighest), holes.ordinary);
  return holes;
}

struct Piece {
  uint64_t size = 0;
  uint64_t margin = 0;
  bool below_2g = false;
  uint64_t reach = kReach;
};

// The place in `hole` that is nearest to the object.
std::optional<RemoteAddr> place_in(const RemoteRange &hole, const Piece &piece,
                                   const RemoteRange &object) {
  RemoteAddr begin = hole.begin + piece.margin;
  RemoteAddr end = hole.end - piece.margin;
  if (piece.below_2g)
    end = std::min(end, RemoteAddr(kLowLimit));
  if (end <= begin || static_cast<uint64_t>(end - begin) < piece.size)
    return std::nullopt;
  // Below the object its upper end is nearest, above it the lower.
  RemoteAddr at = end <= object.begin ? end - piece.size : begin;
  RemoteAddr low = std::min(at, object.begin);
  RemoteAddr high = std::max(at + piece.size, object.end);
  if (static_cast<uint64_t>(high - low) > piece.reach)
    return std::nullopt;
  return at;
}

// Nearest first.
std::vector<RemoteAddr> places_in(const std::vector<RemoteRange> &holes, const Piece &piece,
                                  const RemoteRange &object) {
  std::vector<RemoteAddr> places;
  for (const RemoteRange &hole : holes) {
    if (std::optional<RemoteAddr> at = place_in(hole, piece, object))
      places.push_back(*at);
  }
  auto distance = [&](RemoteAddr at) {
    return at < object.begin ? object.begin - at : at - object.begin;
  };
  std::sort(places.begin(), places.end(),
            [&](RemoteAddr a, RemoteAddr b) { return distance(a) < distance(b); });
  if (places.size() > kMaxPlaces)
    places.resize(kMaxPlaces);
  return places;
}

// Image and the rest, each in a place of its own.
void add_split_places(const Holes &holes, const PlaceRequest &request,
                      std::vector<RegionPlace> &places) {
  uint64_t rest = request.size - request.image_size;
  std::vector<RemoteRange> all = holes.ordinary;
  all.insert(all.end(), holes.below_stack.begin(), holes.below_stack.end());
  std::vector<RemoteAddr> headers =
      places_in(holes.ordinary, {rest, kMargin, false, ~uint64_t{0}}, request.object);
  // The nearest places are the scarce ones.
  std::reverse(headers.begin(), headers.end());
  for (RemoteAddr image :
       places_in(all, {request.image_size, 0, request.below_2g}, request.object)) {
    RemoteRange taken{image, image + request.image_size};
    for (RemoteAddr header : headers) {
      if (taken.overlaps({header, header + rest}))
        continue;
      places.push_back({header, image});
      break;
    }
  }
}

} // namespace

std::vector<RegionPlace> find_places(const MemoryMap &map, const PlaceRequest &request) {
  Holes holes = find_holes(map, request);
  std::vector<RegionPlace> places;
  auto add = [&](const std::vector<RemoteRange> &in, uint64_t margin) {
    for (RemoteAddr at : places_in(in, {request.size, margin, request.below_2g}, request.object))
      places.push_back({at, {}});
  };
  add(holes.ordinary, kMargin);
  add(holes.ordinary, 0);
  add(holes.below_stack, kMargin);
  if (request.image_size != 0)
    add_split_places(holes, request, places);
  return places;
}

void take_place(MemoryMap &map, const RemoteRange &range) {
  auto at = std::find_if(map.begin(), map.end(),
                         [&](const Mapping &m) { return range.begin < m.range.begin; });
  Mapping taken;
  taken.range = range;
  map.insert(at, taken);
}

} // namespace care
