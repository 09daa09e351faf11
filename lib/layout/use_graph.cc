// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/use_graph.h"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

namespace care {

namespace {

constexpr int kDeepest = 24; // of pointers, arrays and anonymous structs in each other

// Adds what a value of `id` holds: itself when it is a named struct, what it points to.
void holdings(const DebugUnit &unit, TypeId id, const std::string &member, bool by_value,
              std::vector<Holding> &out, int depth = 0) {
  if (depth > kDeepest)
    return;
  id = plain_type(unit, id);
  const Type &type = unit.types[id];
  if (type.kind == TypeKind::pointer || type.kind == TypeKind::reference)
    return holdings(unit, type.target, member, false, out, depth + 1);
  if (type.kind == TypeKind::array)
    return holdings(unit, type.target, member, by_value, out, depth + 1);
  if (type.kind == TypeKind::enumeration && !full_name(unit, id).empty())
    out.push_back({full_name(unit, id), member, by_value});
  if (!type.aggregate())
    return;
  if (std::string name = full_name(unit, id); !name.empty()) {
    out.push_back({name, member, by_value});
    return;
  }
  for (const Member &inner : type.members)
    holdings(unit, inner.type, inner.name.empty() ? member : inner.name, by_value, out, depth + 1);
}

std::vector<Holding> holdings_of(const DebugUnit &unit, const std::vector<TypeId> &types,
                                 bool by_value) {
  std::vector<Holding> held;
  for (TypeId type : types)
    holdings(unit, type, "", by_value, held);
  return held;
}

// What values of `types` are or point to.
void insert_types(const DebugUnit &unit, const std::vector<TypeId> &types,
                  std::set<std::string> &into) {
  for (const Holding &held : holdings_of(unit, types, false))
    into.insert(held.type);
}

// Read-only: nothing that was made later can be in it or behind it.
bool is_constant(const DebugUnit &unit, TypeId id) {
  for (int depth = 0; depth < kDeepest; depth++) {
    const Type &type = unit.types[id];
    if (type.constant)
      return true;
    if (type.kind != TypeKind::alias && type.kind != TypeKind::qualifier &&
        type.kind != TypeKind::array)
      return false;
    id = type.target;
  }
  return false;
}

std::string word(const Holding &holding, bool last) {
  if (holding.by_value)
    return last ? "is one" : fmt::format("is a {}", holding.type);
  return last ? "points to one" : fmt::format("points to {}", holding.type);
}

struct Step {
  std::string type;
  std::string text; // how it was reached
  size_t members = 0;
};

} // namespace

void UseGraph::add(const DebugUnit &unit) {
  for (TypeId id = 1; id < unit.types.size(); id++) {
    const Type &type = unit.types[id];
    std::string name = type.aggregate() ? full_name(unit, id) : "";
    if (name.empty() || type.declaration || members.count(name))
      continue;
    std::vector<Holding> &held = members[name];
    for (const Member &member : type.members)
      holdings(unit, member.type, member.name, true, held);
  }
  for (const StaticVariable &variable : unit.variables) {
    StaticHolder holder{variable.name, variable.file, variable.line, {}, false};
    holdings(unit, variable.type, "", true, holder.holds);
    holder.constant = is_constant(unit, variable.type);
    if (holder.constant)
      std::erase_if(holder.holds, [](const Holding &held) { return !held.by_value; });
    if (!holder.holds.empty())
      statics.push_back(std::move(holder));
  }
  for (const DebugFunction &function : unit.functions) {
    FunctionHolder &holder = functions[function.symbol];
    holder.has_code |= function.has_code;
    for (const Holding &held : holdings_of(unit, function.locals, true))
      (held.by_value ? holder.on_stack : holder.pointed).insert(held.type);
    insert_types(unit, {function.result}, holder.pointed);
    insert_types(unit, function.parameters, holder.own);
    insert_types(unit, function.parameters, holder.given);
    insert_types(unit, function.inlined_parameters, holder.given);
  }
}

std::optional<std::string> static_way(const UseGraph &graph, const std::string &type,
                                      size_t steps) {
  std::deque<Step> queue;
  std::set<std::string> seen;
  for (const StaticHolder &variable : graph.statics)
    for (const Holding &held : variable.holds) {
      std::string text = fmt::format("the variable {} ({}:{}) {}", variable.name, variable.file,
                                     variable.line, word(held, held.type == type));
      if (held.type == type)
        return text;
      if (!variable.constant && seen.insert(held.type).second)
        queue.push_back({held.type, text, 0});
    }
  while (!queue.empty()) {
    Step step = std::move(queue.front());
    queue.pop_front();
    auto found = graph.members.find(step.type);
    if (found == graph.members.end() || step.members >= steps)
      continue;
    for (const Holding &held : found->second) {
      std::string text = fmt::format("{}, its member {} {}", step.text, held.member,
                                     word(held, held.type == type));
      if (held.type == type)
        return text;
      if (seen.insert(held.type).second)
        queue.push_back({held.type, text, step.members + 1});
    }
  }
  return std::nullopt;
}

std::set<std::string> with_holders(const UseGraph &graph, const std::string &type) {
  std::map<std::string, std::set<std::string>> holders;
  for (const auto &[holder, held] : graph.members)
    for (const Holding &holding : held)
      holders[holding.type].insert(holder);
  std::set<std::string> out = {type};
  std::deque<std::string> queue = {type};
  while (!queue.empty()) {
    std::string next = queue.front();
    queue.pop_front();
    for (const std::string &holder : holders[next])
      if (out.insert(holder).second)
        queue.push_back(holder);
  }
  return out;
}

} // namespace care
