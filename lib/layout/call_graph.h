// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which functions of an executable or a library can lead to which, by their symbols.
//
// An edge is a call or jump, or an address taken in the code: who takes the address of a
// callback is taken for the one who calls it. Roots are what is called from outside:
// exported functions, the entry point, and every function whose address stands in data.
// Indirect calls need no more than that. A library that exports all that is not static is
// better described by what others can know of it: see EntryNames. Only position-independent files
// are read: others have addresses in plain immediates.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

namespace care {

struct CallGraph {
  bool known = false; // false: not position-independent, or stripped
  std::map<std::string, std::set<std::string>> calls;
  std::set<std::string> roots;
  std::set<std::string> exported;
};

// Names by which functions are called from outside, where that is known: words of the
// headers that are published, and what other objects import. Nothing: every exported one.
using EntryNames = std::optional<std::set<std::string>>;

// Throws Error (bad_input) for a malformed file.
CallGraph read_call_graph(const std::string &path, const EntryNames &entries);

// What can be reached from `from`, itself included, without entering `closed`.
std::set<std::string> reachable(const CallGraph &graph, const std::set<std::string> &from,
                                const std::set<std::string> &closed);

} // namespace care
