// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which functions of an executable or a library can lead to which, by their symbols.
//
// An edge is a call or jump, or an address taken in the code: who takes the address of a
// callback is taken for the one who calls it. Roots are what is called from outside:
// exported functions, the entry point, and every function whose address stands in data.
// Indirect calls need no more than that. Only position-independent files are read: others
// have addresses in plain immediates.
#pragma once

#include <map>
#include <set>
#include <string>

namespace care {

struct CallGraph {
  bool known = false; // false: not position-independent, or stripped
  std::map<std::string, std::set<std::string>> calls;
  std::set<std::string> roots;
  std::set<std::string> exported;
};

// Throws Error (bad_input) for a malformed file.
CallGraph read_call_graph(const std::string &path);

// What can be reached from `from`, itself included, without entering `closed`.
std::set<std::string> reachable(const CallGraph &graph, const std::set<std::string> &from,
                                const std::set<std::string> &closed);

} // namespace care
