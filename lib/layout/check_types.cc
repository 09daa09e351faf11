// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/check_types.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "lib/layout/skeleton.h"

namespace care {

namespace {

bool is_changed(const TypesInput &input, const std::string &symbol) {
  // A clone (.isra.0) stands for its function.
  std::string plain = symbol.substr(0, symbol.find('.'));
  return !input.known ||
         std::any_of(input.changed.begin(), input.changed.end(), [&](const std::string &name) {
           return name.substr(0, name.find('.')) == plain;
         });
}

// The functions of `input` that name the type, and those from whose types it can be
// reached.
void find_users(const TypesInput &input, const UseGraph &graph, const UseGraph &patched,
                TypeFinding &finding) {
  std::set<std::string> holders = with_holders(graph, finding.change.name);
  std::set<std::string> new_holders = with_holders(patched, finding.change.name);
  bool by_static = std::any_of(
      patched.statics.begin(), patched.statics.end(), [&](const StaticHolder &variable) {
        return std::any_of(variable.holds.begin(), variable.holds.end(),
                           [&](const Holding &held) { return new_holders.count(held.type); });
      });
  for (const auto &[symbol, holder] : patched.functions) {
    if (!is_changed(input, symbol))
      continue;
    bool names = false, reaches = by_static;
    for (const auto *set : {&holder.on_stack, &holder.pointed, &holder.given})
      for (const std::string &type : *set) {
        names |= type == finding.change.name;
        reaches |= holders.count(type) || new_holders.count(type);
      }
    if (names)
      finding.users.push_back(symbol);
    else if (reaches)
      finding.reaching.push_back(symbol);
  }
}

std::string shown_source(const TypesInput &input, const DebugUnit &unit) {
  return input.source.empty() ? unit.path : input.source;
}

// By the first file's debug information alone.
void judge(const UseGraph &graph, const Acceptances &accepted, TypeFinding &finding) {
  if (finding.change.harmless()) {
    finding.verdict = LayoutVerdict::harmless;
    finding.evidence = "the data is what it was";
    return;
  }
  if (finding.users.empty() && finding.reaching.empty()) {
    finding.verdict = LayoutVerdict::harmless;
    finding.evidence = "no changed function can reach it";
    return;
  }
  if (auto found = accepted.find(finding.change.name); found != accepted.end()) {
    finding.verdict = LayoutVerdict::accepted;
    finding.reason = found->second;
    return;
  }
  finding.verdict = LayoutVerdict::refused;
  if (auto way = static_way(graph, finding.change.name, kStaticSteps))
    finding.evidence = *way;
}

// One finding for a type however many units saw it.
void merge(LayoutReport &report, TypeFinding finding) {
  for (TypeFinding &known : report.findings) {
    if (known.change.name != finding.change.name || known.change.file != finding.change.file ||
        known.change.line != finding.change.line)
      continue;
    known.verdict = std::max(known.verdict, finding.verdict);
    if (known.evidence.empty() || known.verdict == finding.verdict)
      known.evidence = finding.evidence.empty() ? known.evidence : finding.evidence;
    auto join = [](std::vector<std::string> &to, const std::vector<std::string> &from) {
      for (const std::string &name : from)
        if (std::find(to.begin(), to.end(), name) == to.end())
          to.push_back(name);
    };
    join(known.users, finding.users);
    join(known.reaching, finding.reaching);
    if (known.skeleton.empty())
      known.skeleton = finding.skeleton;
    if (known.sources.find(finding.sources) == std::string::npos)
      known.sources += ", " + finding.sources;
    return;
  }
  report.findings.push_back(std::move(finding));
}

// A file, or the objects in a folder.
std::vector<std::string> objects_of(const std::string &path) {
  if (!std::filesystem::is_directory(path))
    return {path};
  std::vector<std::string> files;
  for (const auto &entry : std::filesystem::directory_iterator(path))
    if (entry.path().extension() == ".o")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Units by the path of their source; k-th for the k-th.
using Units = std::map<std::string, std::vector<DebugUnit>>;

Units units_of(const std::string &path, const std::string &source, LayoutReport &report) {
  Units units;
  if (objects_of(path).empty())
    report.unchecked.push_back(fmt::format("{}: no debug information", source));
  for (const std::string &file : objects_of(path)) {
    std::string why = visit_units(file, [&](DebugUnit &&unit) {
      if (!unit.why_not.empty())
        report.unchecked.push_back(fmt::format("{}: {}", unit.path, unit.why_not));
      else
        units[unit.path].push_back(std::move(unit));
    });
    if (!why.empty())
      report.unchecked.push_back(fmt::format("{}: {}", source.empty() ? path : source, why));
  }
  return units;
}

// Those of one path. When there is none, of one file name: two trees built at two places.
std::vector<std::pair<const std::vector<DebugUnit> *, const std::vector<DebugUnit> *>>
pair_units(const Units &left, const Units &right) {
  std::vector<std::pair<const std::vector<DebugUnit> *, const std::vector<DebugUnit> *>> pairs;
  auto others_by_name = [](const Units &units, const Units &others) {
    std::multimap<std::string, const std::vector<DebugUnit> *> out;
    for (const auto &[path, of_path] : units)
      if (!others.count(path))
        out.emplace(std::filesystem::path(path).filename(), &of_path);
    return out;
  };
  for (const auto &[path, units] : left)
    if (auto found = right.find(path); found != right.end())
      pairs.emplace_back(&units, &found->second);
  if (!pairs.empty())
    return pairs;
  auto others = others_by_name(right, left);
  for (const auto &[name, units] : others_by_name(left, right))
    if (auto found = others.find(name); found != others.end()) {
      pairs.emplace_back(units, found->second);
      others.erase(found);
    }
  return pairs;
}

using Variables = std::map<std::string, std::vector<const StaticVariable *>>;

Variables by_name(const DebugUnit &unit) {
  Variables known;
  for (const StaticVariable &variable : unit.variables)
    if (!variable.name.empty())
      known[variable.name].push_back(&variable);
  return known;
}

// Variables that both have, of another type or number of elements. Several functions can
// have one of the same name: the k-th stands for the k-th, and where one side has more of
// them than the other nothing tells which is which.
void check_variables(const DebugUnit &a, const DebugUnit &b, LayoutReport &report) {
  Variables left = by_name(a);
  for (const auto &[name, variables] : by_name(b)) {
    auto found = left.find(name);
    if (found == left.end() || found->second.size() != variables.size())
      continue;
    for (size_t i = 0; i < variables.size(); i++) {
      const StaticVariable &variable = *variables[i];
      std::string before = type_text(a, found->second[i]->type);
      std::string now = type_text(b, variable.type);
      std::string line =
          fmt::format("{} ({}:{}): {} -> {}", name, variable.file, variable.line, before, now);
      bool new_line = std::find(report.variables.begin(), report.variables.end(), line) ==
                      report.variables.end();
      // `extern t x[]` has no number of elements.
      if (before != now && !before.ends_with("[]") && !now.ends_with("[]") && new_line)
        report.variables.push_back(line);
    }
  }
}

void check_unit(const TypesInput &input, const Acceptances &accepted, const DebugUnit &a,
                const DebugUnit &b, LayoutReport &report) {
  check_variables(a, b, report);
  std::vector<TypeChange> changes = compare_types(a, b);
  if (changes.empty())
    return;
  for (const DebugFunction &function : a.functions)
    if (function.has_code)
      report.called[signature_text(a, function)][function.symbol] =
          input.known && is_changed(input, function.symbol);
  UseGraph graph, patched;
  graph.add(a);
  patched.add(b);
  for (TypeChange &change : changes) {
    TypeFinding finding;
    finding.change = std::move(change);
    finding.sources = shown_source(input, a);
    find_users(input, graph, patched, finding);
    judge(graph, accepted, finding);
    if (finding.verdict == LayoutVerdict::refused)
      finding.skeleton = hook_skeleton(graph, finding);
    merge(report, std::move(finding));
  }
}

// True when pointers of the old kind all lead to replaced functions; names them.
bool all_replaced(const LayoutReport &report, const TypeFinding &finding, std::string &names) {
  if (finding.change.old_size != finding.change.new_size)
    return false;
  for (const MemberChange &member : finding.change.members) {
    if (member.harmless())
      continue;
    auto found = report.called.find(member.called);
    if (member.kind != ChangeKind::signature || found == report.called.end())
      return false;
    for (const auto &[function, changed] : found->second) {
      if (!changed)
        return false;
      names += (names.empty() ? "" : ", ") + function;
    }
  }
  return !names.empty();
}

} // namespace

void settle_signatures(LayoutReport &report) {
  for (TypeFinding &finding : report.findings) {
    std::string names;
    if (finding.verdict != LayoutVerdict::refused || !all_replaced(report, finding, names))
      continue;
    finding.verdict = LayoutVerdict::replaced;
    finding.evidence = "every function that is called the old way is replaced: " + names;
  }
}

void check_types(const TypesInput &input, const Acceptances &accepted, LayoutReport &report) {
  size_t before = report.unchecked.size();
  Units left = units_of(input.original, input.source, report);
  size_t unchecked = report.unchecked.size();
  Units right = units_of(input.patched, input.source, report);
  // What is missing on both sides is said once.
  if (unchecked > before)
    report.unchecked.resize(unchecked);
  bool none = !left.empty() && !right.empty();
  for (const auto &[a, b] : pair_units(left, right)) {
    none = false;
    for (size_t i = 0; i < std::min(a->size(), b->size()); i++)
      check_unit(input, accepted, (*a)[i], (*b)[i], report);
  }
  if (none)
    report.unchecked.push_back(fmt::format("{}: not among the sources of {}, of which {} is one",
                                           left.begin()->first, input.patched,
                                           right.begin()->first));
}

} // namespace care
