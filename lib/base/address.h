// SPDX-License-Identifier: GPL-2.0-or-later
//
// The three kinds of address, which never mix.
//
//   LinkAddr    as the link editor wrote it into an ELF file (st_value, sh_addr)
//   RemoteAddr  where something is in the target process
//   (file offsets stay plain integers: they are used in one place, lib/elf)
//
// The only bridge is a LoadBias, the difference between the two for one loaded
// object: 0 for a fixed-address executable, l_addr of the link map otherwise.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>

#include <fmt/core.h>

namespace care {

template<typename Tag>
struct Addr {
  uint64_t value = 0;

  constexpr Addr() = default;
  constexpr explicit Addr(uint64_t v) : value(v) {}
  constexpr auto operator<=>(const Addr &) const = default;
  constexpr explicit operator bool() const { return value != 0; }
  constexpr Addr operator+(uint64_t n) const { return Addr(value + n); }
  constexpr Addr operator-(uint64_t n) const { return Addr(value - n); }
  constexpr Addr &operator+=(uint64_t n) {
    value += n;
    return *this;
  }
  // Distance in bytes, negative when `other` lies above.
  constexpr int64_t operator-(Addr other) const {
    return static_cast<int64_t>(value - other.value);
  }
};

using LinkAddr = Addr<struct LinkAddrTag>;
using RemoteAddr = Addr<struct RemoteAddrTag>;

struct LoadBias {
  uint64_t value = 0;
  constexpr auto operator<=>(const LoadBias &) const = default;
};

constexpr RemoteAddr operator+(LoadBias bias, LinkAddr addr) {
  return RemoteAddr(bias.value + addr.value);
}
constexpr LinkAddr operator-(RemoteAddr addr, LoadBias bias) {
  return LinkAddr(addr.value - bias.value);
}

// [begin, end) of addresses of one kind.
template<typename A>
struct Range {
  A begin;
  A end;

  constexpr bool contains(A a) const { return begin <= a && a < end; }
  constexpr bool overlaps(const Range &o) const { return begin < o.end && o.begin < end; }
  constexpr uint64_t size() const { return end.value - begin.value; }
  constexpr bool empty() const { return !(begin < end); }
};

using LinkRange = Range<LinkAddr>;
using RemoteRange = Range<RemoteAddr>;

} // namespace care

template<typename Tag>
struct fmt::formatter<care::Addr<Tag>> {
  constexpr auto parse(format_parse_context &ctx) { return ctx.begin(); }
  template<typename Context>
  auto format(const care::Addr<Tag> &a, Context &ctx) const {
    // Not format_to(): clang gives the function behind it another symbol than g++ gave
    // it in libfmt.
    std::string text = fmt::format("{:#x}", a.value);
    return std::copy(text.begin(), text.end(), ctx.out());
  }
};
