// SPDX-License-Identifier: GPL-2.0-or-later
//
// Symbol names of both assembly files, each stored once and known by a number.
//
// A name is a view into one of the two mapped files: nothing is copied. Both
// files share one table, so that "the same name" is a comparison of integers.
//
// This file also knows how compilers make up names: `.LC5` and `.L.str.3` are
// anonymous, `buf.1`, `foo.part.0`, `main.buf.2` and `CSWTCH.7` carry a number
// that says nothing about identity, `foo.cold` is a piece of foo. Lambdas are numbered
// too: `_ZZ1fvENKUliE0_clEi` (in their function) and clang's `_ZZ1fvENK3$_1clEi` (in
// the file).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace care::gensrc {

using SymId = uint32_t;
inline constexpr uint32_t kNone = ~0u;

class Names {
 public:
  Names();
  // The number of `name`; a new one when it was never seen. `name` must stay valid.
  SymId id(std::string_view name);
  // kNone when the name was never seen.
  SymId find(std::string_view name) const;
  std::string_view text(SymId id) const { return texts_[id]; }
  size_t size() const { return texts_.size(); }

 private:
  size_t slot_of(std::string_view name) const;
  void grow();

  std::vector<std::string_view> texts_;
  std::vector<uint32_t> slots_; // open addressing, kNone is free
};

// `.L...`: never reaches the symbol table, its name means nothing.
bool is_local_label(std::string_view name);

// A name whose number the compiler made up: it is paired by content and owners.
bool is_auto_named(std::string_view name);

// What stays of an auto-made name: "foo.part.0" -> "foo.part", "buf.12" -> "buf",
// "foo.constprop.0.isra.1" -> "foo.constprop.isra", "foo.lto_priv.0" -> "foo".
std::string base_name(std::string_view name);

// A C++ name without what numbers lambdas, unnamed types and local variables of one
// name in the order of the source: "_ZZ1fvENKUlvE0_clEv" -> "_ZZ1fvENKUlvE_clEv",
// "_ZZ1fvE1x_0" -> "_ZZ1fvE1x". Any other name is returned as it is. The numbers that
// were cut off are added to `numbers`, -1 for the first of a kind, which has none.
std::string without_cxx_numbers(std::string_view name, std::vector<long> *numbers = nullptr);

// A function that belongs to one lambda: its body, or what a template made for it.
struct ClosureName {
  std::string scope;  // function and signature, the same for lambdas that are numbered together
  long number = -1;   // among them; -1, 0, 1...
  std::string family; // the name without the number
  enum class Role { other, may_hold_body, body } role = Role::other;
};
// Empty `scope`: no lambda's, or that of a lambda inside another.
ClosureName closure_name(std::string_view name);

// "foo" of "foo.cold" and "foo.cold.3"; empty for any other name.
std::string_view hot_name(std::string_view name);

// `name` with `suffix` at its end, inside the quotes of a quoted name.
std::string with_suffix(std::string_view name, std::string_view suffix);

} // namespace care::gensrc
