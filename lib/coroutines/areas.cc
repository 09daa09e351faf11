// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/coroutines/areas.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "lib/base/units.h"

namespace care {

namespace {

constexpr size_t kPiece = 1 << 20;
// A guarded mapping that is larger is no stack but memory that stacks are cut from.
constexpr uint64_t kLargestStack = 16 << 20;
// glibc's heaps of threads begin at multiples of this (HEAP_MAX_SIZE), and may lie
// behind the inaccessible rest of another.
constexpr uint64_t kHeapAlignment = 64 << 20;

// Where glibc's thread descriptor can be, below the end of the stack's mapping: it is
// two or three KiB long, and at a multiple of 64.
constexpr uint64_t kDescriptorReach = 16 << 10;
constexpr uint64_t kDescriptorAlignment = 64;

bool can_hold_stacks(const Mapping &m, bool shared) {
  if (!m.read || !m.write || m.path == "[stack]" || m.path.starts_with("[v"))
    return false;
  if (!m.shared)
    return true;
  return shared && (m.path.starts_with("/dev/zero") || m.path.starts_with("/memfd:") ||
                    m.path.starts_with("/SYSV"));
}

} // namespace

std::vector<Area> writable_areas(const MemoryMap &map, bool shared,
                                 const std::set<RemoteAddr> &except) {
  std::vector<Area> areas;
  const Mapping *previous = nullptr;
  for (const Mapping &m : map) {
    const Mapping *below = previous;
    previous = &m;
    auto inside = except.lower_bound(m.range.begin);
    if (!can_hold_stacks(m, shared) || (inside != except.end() && *inside < m.range.end))
      continue;
    Area area;
    area.range = m.range;
    area.name = m.path.empty() ? "anonymous memory" : m.path;
    area.above_gap = m.anonymous() && below && below->range.end == m.range.begin && !below->read &&
                     !below->write && !below->exec;
    area.guarded = area.above_gap && m.range.size() <= kLargestStack &&
                   m.range.begin.value % kHeapAlignment != 0;
    areas.push_back(std::move(area));
  }
  return areas;
}

const Area *find_area(const std::vector<Area> &areas, RemoteAddr at) {
  auto it = std::upper_bound(areas.begin(), areas.end(), at,
                             [](RemoteAddr a, const Area &area) { return a < area.range.end; });
  return it != areas.end() && it->range.contains(at) ? &*it : nullptr;
}

bool is_thread_stack(const Area &area, const RemoteMemory &memory) {
  if (!area.above_gap)
    return false;
  std::vector<uint64_t> words(std::min<uint64_t>(kDescriptorReach, area.range.size()) /
                              sizeof(uint64_t));
  size_t size = words.size() * sizeof words[0];
  RemoteAddr begin = area.range.end - size;
  if (memory.read_some(begin, words.data(), size) != size)
    return false;
  for (size_t i = 0; i + 2 < words.size(); i += kDescriptorAlignment / sizeof words[0]) {
    uint64_t self = begin.value + i * sizeof words[0];
    if (words[i] == self && words[i + 2] == self)
      return true;
  }
  return false;
}

std::vector<RemoteRange> outside(const std::vector<Area> &areas, RemoteRange range) {
  std::vector<RemoteRange> rest;
  for (const Area &a : areas) {
    if (!a.range.overlaps(range))
      continue;
    if (range.begin < a.range.begin)
      rest.push_back({range.begin, a.range.begin});
    range.begin = std::min(a.range.end, range.end);
  }
  if (!range.empty())
    rest.push_back(range);
  return rest;
}

void merge(std::vector<RemoteRange> &ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const RemoteRange &a, const RemoteRange &b) { return a.begin < b.begin; });
  std::vector<RemoteRange> merged;
  for (const RemoteRange &r : ranges) {
    if (!merged.empty() && r.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, r.end);
    else
      merged.push_back(r);
  }
  ranges = std::move(merged);
}

namespace {

// ioctl(PAGEMAP_SCAN) of Linux 6.7 (Documentation/admin-guide/mm/pagemap.rst).
struct PageScan {
  uint64_t size, flags, start, end, walk_end, found, found_count, most_pages;
  uint64_t inverted, all_of, any_of, returned;
};
struct PageScanRange {
  uint64_t start, end, categories;
};
constexpr unsigned long kPageScan = _IOWR('f', 16, PageScan);
constexpr uint64_t kPresentOrSwapped = 1 << 3 | 1 << 4;

// False where the kernel does not have it; `ranges` is as it was then.
bool scan_pages(int pagemap, RemoteRange range, std::vector<RemoteRange> &ranges) {
  std::vector<RemoteRange> all;
  std::vector<PageScanRange> found(1024);
  for (uint64_t at = range.begin.value; at < range.end.value;) {
    PageScan scan{};
    scan.size = sizeof scan;
    scan.start = at;
    scan.end = range.end.value;
    scan.found = reinterpret_cast<uint64_t>(found.data());
    scan.found_count = found.size();
    scan.any_of = scan.returned = kPresentOrSwapped;
    int count = ioctl(pagemap, kPageScan, &scan);
    if (count < 0 || scan.walk_end <= at)
      return false;
    for (int i = 0; i < count; i++) {
      const PageScanRange &r = found[static_cast<size_t>(i)];
      if (!all.empty() && all.back().end.value == r.start)
        all.back().end = RemoteAddr(r.end);
      else
        all.push_back({RemoteAddr(r.start), RemoteAddr(r.end)});
    }
    at = scan.walk_end;
  }
  ranges = std::move(all);
  return true;
}

} // namespace

ResidentPages::ResidentPages(pid_t tid)
    : pagemap_(open(fmt::format("/proc/{}/pagemap", tid).c_str(), O_RDONLY | O_CLOEXEC)) {
  std::vector<RemoteRange> none;
  quick_ = scan_pages(pagemap_.get(), {RemoteAddr(0), RemoteAddr(kPage)}, none);
}

std::vector<RemoteRange> ResidentPages::of(RemoteRange range) const {
  // Documentation/admin-guide/mm/pagemap.rst: 62 swapped, 63 present.
  constexpr uint64_t kExists = uint64_t{3} << 62;
  std::vector<RemoteRange> ranges;
  if (quick_ && scan_pages(pagemap_.get(), range, ranges))
    return ranges;
  std::vector<uint64_t> entries(std::min<uint64_t>(range.size() / kPage, 65536));
  for (RemoteAddr at = range.begin; at < range.end;) {
    size_t count = std::min<uint64_t>(entries.size(), (range.end.value - at.value) / kPage);
    ssize_t got = pread(pagemap_.get(), entries.data(), count * sizeof entries[0],
                        static_cast<off_t>(at.value / kPage * sizeof entries[0]));
    if (got <= 0) {
      ranges.push_back({at, range.end});
      break;
    }
    count = static_cast<size_t>(got) / sizeof entries[0];
    for (size_t i = 0; i < count; i++, at += kPage) {
      if ((entries[i] & kExists) == 0)
        continue;
      if (!ranges.empty() && ranges.back().end == at)
        ranges.back().end = at + kPage;
      else
        ranges.push_back({at, at + kPage});
    }
  }
  return ranges;
}

void read_ranges(const RemoteMemory &memory, const std::vector<RemoteRange> &ranges,
                 const Visit &visit) {
  // As many pieces in one system call as fit into one buffer.
  std::vector<std::byte> buffer(kPiece);
  std::vector<RemoteMemory::Piece> pieces;
  size_t used = 0;
  auto flush = [&] {
    memory.read_pieces(pieces);
    for (const RemoteMemory::Piece &p : pieces) {
      if (!p.buffer.empty())
        visit(p.addr, p.buffer);
    }
    pieces.clear();
    used = 0;
  };
  for (RemoteRange r : ranges) {
    while (!r.empty()) {
      size_t size = std::min<uint64_t>(r.size(), kPiece - used);
      pieces.push_back({r.begin, {buffer.data() + used, size}});
      used += size;
      r.begin += size;
      if (used == kPiece)
        flush();
    }
  }
  if (!pieces.empty())
    flush();
}

} // namespace care
