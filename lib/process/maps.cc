// SPDX-License-Identifier: GPL-2.0-or-later
//
// The format is fixed by the kernel (fs/proc/task_mmu.c, show_map_vma):
//
//   55d0c2a00000-55d0c2a02000 r-xp 00001000 fe:01 131 /usr/bin/cat
//
// A path can hold spaces, and newlines as \012; it is everything behind the
// column padding.
#include "lib/process/maps.h"

#include <algorithm>
#include <charconv>

#include "lib/base/error.h"

namespace care {

namespace {

// Takes fields off the front of one line.
class Fields {
 public:
  explicit Fields(std::string_view line) : line_(line), rest_(line) {}

  uint64_t number(int base, char end) {
    uint64_t value = 0;
    auto [ptr, ec] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (ec != std::errc())
      fail();
    rest_.remove_prefix(static_cast<size_t>(ptr - rest_.data()));
    // The inode is the last field of an anonymous mapping: the line may end there.
    if (!rest_.empty())
      expect(end);
    return value;
  }

  std::string_view letters(size_t count) {
    if (rest_.size() <= count)
      fail();
    std::string_view field = rest_.substr(0, count);
    rest_.remove_prefix(count);
    expect(' ');
    return field;
  }

  std::string_view remainder() {
    while (!rest_.empty() && rest_.front() == ' ')
      rest_.remove_prefix(1);
    return rest_;
  }

 private:
  [[noreturn]] void fail() const { throw error("unexpected line in /proc/PID/maps: '{}'", line_); }

  void expect(char c) {
    if (rest_.empty() || rest_.front() != c)
      fail();
    rest_.remove_prefix(1);
  }

  std::string_view line_;
  std::string_view rest_;
};

Mapping parse_line(std::string_view line) {
  constexpr std::string_view kDeleted = " (deleted)";
  Fields fields(line);
  Mapping m;
  m.range.begin = RemoteAddr(fields.number(16, '-'));
  m.range.end = RemoteAddr(fields.number(16, ' '));
  std::string_view flags = fields.letters(4);
  m.read = flags[0] == 'r';
  m.write = flags[1] == 'w';
  m.exec = flags[2] == 'x';
  m.shared = flags[3] == 's';
  m.offset = fields.number(16, ' ');
  uint64_t major = fields.number(16, ':');
  m.device = major << 32 | fields.number(16, ' ');
  m.inode = fields.number(10, ' ');
  std::string_view path = fields.remainder();
  if (path.ends_with(kDeleted) && m.inode != 0) {
    m.deleted = true;
    path.remove_suffix(kDeleted.size());
  }
  m.path = path;
  return m;
}

} // namespace

MemoryMap parse_maps(std::string_view text) {
  MemoryMap map;
  while (!text.empty()) {
    size_t eol = text.find('\n');
    std::string_view line = text.substr(0, eol);
    text.remove_prefix(eol == std::string_view::npos ? text.size() : eol + 1);
    if (!line.empty())
      map.push_back(parse_line(line));
  }
  return map;
}

const Mapping *find_mapping(const MemoryMap &map, RemoteAddr addr) {
  auto it = std::upper_bound(map.begin(), map.end(), addr,
                             [](RemoteAddr a, const Mapping &m) { return a < m.range.end; });
  return it != map.end() && it->range.contains(addr) ? &*it : nullptr;
}

} // namespace care
