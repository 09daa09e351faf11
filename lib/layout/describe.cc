// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/describe.h"
#include "lib/json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace care {

namespace {

// A fix that adds a member in front moves all that follow.
constexpr size_t kShownMembers = 8;
constexpr size_t kShownFunctions = 6;

// 65 -> "8, bit 1".
std::string bits(uint64_t value) {
  return value % 8 == 0 ? std::to_string(value / 8)
                        : fmt::format("{}, bit {}", value / 8, value % 8);
}

std::string size_text(uint64_t value) {
  return value % 8 == 0 ? fmt::format("{} bytes", value / 8) : fmt::format("{} bits", value);
}

std::string names(const std::vector<std::string> &list) {
  std::string text;
  for (size_t i = 0; i < std::min(list.size(), kShownFunctions); i++)
    text += (i ? ", " : "") + list[i];
  if (list.size() > kShownFunctions)
    text += fmt::format(" and {} more", list.size() - kShownFunctions);
  return text;
}

std::string offsets(const MemberChange &m) {
  return m.old_offset == m.new_offset
             ? fmt::format("offset {}", bits(m.old_offset))
             : fmt::format("offset {} -> {}", bits(m.old_offset), bits(m.new_offset));
}

// Of an enumerator: its values stand for offsets.
std::string value_text(const MemberChange &m) {
  return fmt::format("{}: value {} -> {}", m.member, static_cast<int64_t>(m.old_offset),
                     static_cast<int64_t>(m.new_offset));
}

void add_members(std::string &text, const std::vector<MemberChange> &members) {
  // What only moved because something in front of it grew says little.
  std::vector<const MemberChange *> shown;
  for (const MemberChange &m : members)
    if (m.kind != ChangeKind::moved)
      shown.push_back(&m);
  for (const MemberChange &m : members)
    if (m.kind == ChangeKind::moved && shown.size() < kShownMembers)
      shown.push_back(&m);
  std::stable_sort(shown.begin(), shown.end(),
                   [](const auto *a, const auto *b) { return a->new_offset < b->new_offset; });
  for (const MemberChange *m : shown)
    text += fmt::format("    {}\n", describe_member(*m));
  if (shown.size() < members.size())
    text += fmt::format("    and {} members moved\n", members.size() - shown.size());
}

// The same in another copy of the source: packages build a tree several times over.
bool is_repeat(const TypeFinding &one, const TypeFinding &other) {
  auto file = [](const TypeFinding &f) {
    return std::string_view(f.change.file).substr(f.change.file.rfind('/') + 1);
  };
  return one.change.name == other.change.name && one.change.line == other.change.line &&
         file(one) == file(other) && one.verdict == other.verdict && one.users == other.users &&
         one.change.old_size == other.change.old_size &&
         one.change.new_size == other.change.new_size &&
         brief_change(one.change) == brief_change(other.change);
}

std::string verdict_text(const TypeFinding &f) {
  switch (f.verdict) {
  case LayoutVerdict::harmless:
  case LayoutVerdict::stack:
  case LayoutVerdict::replaced:
  case LayoutVerdict::passing:
    return f.evidence;
  case LayoutVerdict::accepted:
    return "accepted: " + f.reason;
  case LayoutVerdict::refused:
    break;
  }
  return f.evidence.empty()
             ? "objects of the old layout may exist, and new code would take them for new ones"
             : "objects of the old layout exist: " + f.evidence;
}

} // namespace

std::string describe_member(const MemberChange &m) {
  switch (m.kind) {
  case ChangeKind::added:
    return fmt::format("{} {}: new, offset {}, {}{}", m.new_type, m.member, bits(m.new_offset),
                       size_text(m.new_size), m.padding ? ", where there was padding" : "");
  case ChangeKind::removed:
    return fmt::format("{} {}: gone, was at offset {}, {}", m.old_type, m.member,
                       bits(m.old_offset), size_text(m.old_size));
  case ChangeKind::moved:
    return fmt::format("{}: {}{}", m.member, offsets(m),
                       m.cause.empty() ? "" : fmt::format(" (by {})", m.cause));
  case ChangeKind::resized:
    return fmt::format("{}: {} -> {}, {}{}", m.member, size_text(m.old_size), size_text(m.new_size),
                       offsets(m),
                       m.cause.empty() ? fmt::format(", {} -> {}", m.old_type, m.new_type)
                                       : fmt::format(" (by {})", m.cause));
  case ChangeKind::retyped:
  case ChangeKind::signature:
  case ChangeKind::note:
    if (m.new_type.empty())
      return value_text(m);
    return fmt::format("{}: {} -> {}, {}", m.member, m.old_type, m.new_type, offsets(m));
  case ChangeKind::slot:
    return fmt::format("virtual {}: slot {} -> {}{}", m.member, m.old_offset, m.new_offset,
                       m.new_type.empty() ? "" : ", " + m.new_type);
  case ChangeKind::value:
    return value_text(m);
  case ChangeKind::renamed:
    return fmt::format("{}: renamed, offset {}", m.member, bits(m.new_offset));
  }
  return m.member;
}

std::string describe_finding(const TypeFinding &f) {
  const TypeChange &change = f.change;
  std::string text =
      fmt::format("{} ({}:{}): {}", change.name, change.file, change.line,
                  change.old_size == change.new_size
                      ? fmt::format("{} bytes", change.new_size)
                      : fmt::format("{} -> {} bytes", change.old_size, change.new_size));
  text += fmt::format(", {}\n", verdict_word(f.verdict));
  add_members(text, change.members);
  if (!f.users.empty())
    text += fmt::format("  used by changed functions: {}\n", names(f.users));
  else if (!f.reaching.empty())
    text += fmt::format("  changed functions that can reach it: {}\n", names(f.reaching));
  text += fmt::format("  {}\n", verdict_text(f));
  if (!f.not_active.empty())
    text += fmt::format("  not running while the patch goes in: {}\n", names(f.not_active));
  return text;
}

std::string brief_change(const TypeChange &change) {
  std::string text = change.old_size == change.new_size
                         ? "layout"
                         : fmt::format("size {} -> {}", change.old_size, change.new_size);
  size_t shown = 0;
  for (const MemberChange &m : change.members) {
    if (m.harmless() || m.kind == ChangeKind::moved)
      continue;
    if (++shown > 3)
      return text + " and more";
    text += fmt::format("; {}", describe_member(m));
  }
  return text;
}

std::string describe_layout(const LayoutReport &report) {
  std::string text;
  const std::vector<TypeFinding> &findings = report.findings;
  for (size_t i = 0; i < findings.size(); i++) {
    const TypeFinding &finding = findings[i];
    auto repeats = [&](const TypeFinding &other) { return is_repeat(finding, other); };
    auto here = findings.begin() + static_cast<ptrdiff_t>(i);
    if (std::any_of(findings.begin(), here, repeats))
      continue;
    text += describe_finding(finding);
    for (auto other = here + 1; other != findings.end(); ++other)
      if (repeats(*other))
        text += fmt::format("  the same in {}:{}\n", other->change.file, other->change.line);
    if (finding.verdict != LayoutVerdict::refused)
      continue;
    text += fmt::format("  What helps: a restart; the member as shadow data or the objects "
                        "corrected by a hook\n  (below, to begin with); or, when no old object "
                        "matters, a word why:\n"
                        "    --accept-layout '{0}: reason', or in the fix\n"
                        "    KPATCH_ACCEPT_LAYOUT(\"{0}\", \"reason\");\n",
                        finding.change.name);
    if (!finding.skeleton.empty())
      text += "\n" + finding.skeleton + "\n";
  }
  for (const std::string &line : report.variables)
    text += fmt::format("variable {}\n", line);
  for (const std::string &line : report.unchecked)
    text += fmt::format("types not checked: {}\n", line);
  return text;
}

Json layout_json(const LayoutReport &report) {
  Json types = Json::array();
  for (const TypeFinding &f : report.findings) {
    Json members = Json::array();
    for (const MemberChange &m : f.change.members)
      members.push_back({{"member", m.member},
                         {"change", change_word(m.kind)},
                         {"old_offset", m.old_offset},
                         {"new_offset", m.new_offset},
                         {"old_size", m.old_size},
                         {"new_size", m.new_size},
                         {"old_type", m.old_type},
                         {"new_type", m.new_type},
                         {"cause", m.cause},
                         {"text", describe_member(m)}});
    types.push_back({{"name", f.change.name},
                     {"verdict", verdict_word(f.verdict)},
                     {"evidence", verdict_text(f)},
                     {"reason", f.reason},
                     {"file", f.change.file},
                     {"line", f.change.line},
                     {"old_size", f.change.old_size},
                     {"new_size", f.change.new_size},
                     {"derived", f.change.derived()},
                     {"members", std::move(members)},
                     {"users", f.users},
                     {"reaching", f.reaching},
                     {"not_active", f.not_active},
                     {"sources", f.sources},
                     {"skeleton", f.skeleton}});
  }
  return {{"types", std::move(types)},
          {"unchecked", report.unchecked},
          {"variables", report.variables}};
}

} // namespace care
