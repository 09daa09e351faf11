// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who holds objects of which type: named structs by value or by pointer in their members,
// variables with one place for the whole run, and functions on their stacks.
//
// Types go by name here, so that the units of a program add up. Two types of one name in
// different files become one, which can only find more holders. What a void pointer leads
// to is not known, and neither is what a function pointer's parameters lead to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/dwarf/debug_unit.h"

namespace care {

struct Holding {
  std::string type;   // "struct foo", held
  std::string member; // "" for a variable
  bool by_value = false;
};

struct StaticHolder {
  std::string name, file;
  unsigned line = 0;
  std::vector<Holding> holds;
  bool constant = false; // leads nowhere
};

struct FunctionHolder {
  bool has_code = false;
  std::set<std::string> on_stack; // types of automatic variables, by value
  std::set<std::string> pointed;  // types that automatic variables or the result point to
  std::set<std::string> own;      // of its own parameters alone
  std::set<std::string> given;    // types that parameters are or point to
};

struct UseGraph {
  std::map<std::string, std::vector<Holding>> members; // of a type
  std::vector<StaticHolder> statics;
  std::map<std::string, FunctionHolder> functions; // by symbol

  void add(const DebugUnit &unit);
};

// The first static variable that leads to `type`, in words: "static variable `server`
// (server.c:72) is one", "`daemon` (option.c:9) points to struct daemon, its member
// `frecs` points to one". `steps`: how many members the way may have.
std::optional<std::string> static_way(const UseGraph &graph, const std::string &type, size_t steps);

// `types`, and all that lead to one of them through members.
std::set<std::string> with_holders(const UseGraph &graph, const std::string &type);

} // namespace care
