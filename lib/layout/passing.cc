// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/passing.h"

#include <algorithm>

#include <fmt/format.h>

#include "lib/layout/call_graph.h"

namespace care {

namespace {

using Names = std::set<std::string>;

std::string plain(const std::string &symbol) {
  return symbol.substr(0, symbol.find('.'));
}

// A function and what the compiler split off or cloned.
bool is_one_of(const std::string &symbol, const Names &names) {
  return names.count(symbol) || names.count(plain(symbol));
}

Names functions_with_on_stack(const UseGraph &graph, const Names &types) {
  Names out;
  for (const auto &[symbol, function] : graph.functions)
    if (function.has_code &&
        std::any_of(function.on_stack.begin(), function.on_stack.end(),
                    [&](const std::string &type) { return types.count(type) != 0; }))
      out.insert(symbol);
  return out;
}

// Nothing but parameters points to it or to what holds it.
bool only_on_stack(const UseGraph &graph, const Names &holders) {
  auto held = [&](const std::string &type) { return holders.count(type) != 0; };
  for (const StaticHolder &variable : graph.statics)
    for (const Holding &holding : variable.holds)
      if (held(holding.type))
        return false;
  for (const auto &[symbol, function] : graph.functions)
    if (std::any_of(function.pointed.begin(), function.pointed.end(), held))
      return false;
  return true;
}

// The way from a handle that callers outside have to the type.
std::optional<std::string> handle_way(const UseGraph &graph, const CallGraph &calls,
                                      const std::string &type) {
  UseGraph handles;
  handles.members = graph.members;
  for (const auto &[symbol, function] : graph.functions) {
    if (!calls.exported.count(symbol))
      continue;
    StaticHolder holder{symbol, "", 0, {}, false};
    for (const std::string &given : function.own)
      holder.holds.push_back({given, "", false});
    if (static_way({handles.members, {holder}, {}}, type, 0))
      return fmt::format("the exported function {} takes one", symbol);
    handles.statics.push_back(std::move(holder));
  }
  if (static_way(handles, type, kStaticSteps - 1))
    return "what exported functions take leads to one";
  return std::nullopt;
}

// The functions of `calls` that begin as in `names`.
Names in_graph(const CallGraph &calls, const Names &names) {
  Names out;
  for (const auto &[symbol, called] : calls.calls) {
    if (is_one_of(symbol, names))
      out.insert(symbol);
    for (const std::string &name : called)
      if (is_one_of(name, names))
        out.insert(name);
  }
  for (const std::string &root : calls.roots)
    if (is_one_of(root, names))
      out.insert(root);
  return out;
}

bool meets(const Names &a, const Names &b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string &name) { return b.count(name); });
}

// Functions that hold the root of the work and lead to the new code; empty when there is
// a way past them.
Names gates(const CallGraph &calls, const Names &holders, const Names &users) {
  Names closed = in_graph(calls, holders);
  Names targets = in_graph(calls, users);
  if (targets.empty() || meets(reachable(calls, calls.roots, closed), targets))
    return {};
  Names out;
  for (const std::string &gate : closed)
    if (meets(reachable(calls, {gate}, {}), targets))
      out.insert(gate);
  return out;
}

void judge(const UseGraph &graph, const CallGraph &calls, const Names &replaced,
           TypeFinding &finding) {
  const std::string &type = finding.change.name;
  Names holders = with_holders(graph, type);
  Names direct = functions_with_on_stack(graph, {type});
  if (!direct.empty() && only_on_stack(graph, holders)) {
    finding.verdict = LayoutVerdict::stack;
    finding.evidence = "its objects are on the stacks of functions only, nothing but parameters "
                       "points to one";
    for (const std::string &function : direct)
      if (!replaced.count(function))
        finding.not_active.push_back(function);
    return;
  }
  std::optional<std::string> way = static_way(graph, type, kStaticSteps);
  if (!way)
    way = handle_way(graph, calls, type);
  if (way) {
    finding.evidence = *way;
    return;
  }
  Names users(finding.users.begin(), finding.users.end());
  users.insert(finding.reaching.begin(), finding.reaching.end());
  Names found = gates(calls, functions_with_on_stack(graph, holders), users);
  if (found.empty() || found.count("main") || found.count("_start"))
    return;
  finding.verdict = LayoutVerdict::passing;
  finding.evidence = fmt::format("new code meets it only below functions that have what leads to "
                                 "it on their own stack ({} of them), and none of them runs while "
                                 "the patch goes in; not checked: that no object outlives them",
                                 found.size());
  for (const std::string &function : found)
    if (!replaced.count(function))
      finding.not_active.push_back(function);
}

} // namespace

void find_passing(const std::string &original, const Names &replaced, const EntryNames &entries,
                  LayoutReport &report) {
  // Where a static variable leads to the type, the rest of the program changes nothing.
  bool open = std::any_of(report.findings.begin(), report.findings.end(), [](const auto &f) {
    return f.verdict == LayoutVerdict::refused && f.evidence.empty();
  });
  if (!open)
    return;
  UseGraph graph;
  std::vector<std::string> unread;
  std::string why = visit_units(original, [&](DebugUnit &&unit) {
    if (!unit.why_not.empty())
      unread.push_back(unit.path);
    graph.add(unit);
  });
  CallGraph calls = read_call_graph(original, entries);
  if (!why.empty() || !unread.empty() || !calls.known)
    return;
  for (TypeFinding &finding : report.findings) {
    if (finding.verdict != LayoutVerdict::refused || !finding.evidence.empty())
      continue;
    judge(graph, calls, replaced, finding);
    if (entries && finding.verdict == LayoutVerdict::passing)
      finding.evidence += fmt::format("; taken for granted: of its functions, others call only the "
                                      "{} that published headers name or that are imported",
                                      calls.exported.size());
  }
}

} // namespace care
