// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/layout/skeleton.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>
#include <sodium.h>

namespace care {

namespace {

// "int (*)(char *)" and "f" -> "int (*f)(char *)"; "int[8]" -> "int f[8]".
std::string declaration(const std::string &type, const std::string &name) {
  if (size_t star = type.find("(*)"); star != std::string::npos)
    return type.substr(0, star + 2) + name + type.substr(star + 2);
  if (size_t bracket = type.find('['); bracket != std::string::npos)
    return type.substr(0, bracket) + " " + name + type.substr(bracket);
  return type + (type.ends_with('*') ? "" : " ") + name;
}

// A word for names made from the type's: "struct a::b" -> "a__b".
std::string identifier(const std::string &type) {
  size_t blank = type.rfind(' ');
  std::string word = blank == std::string::npos ? type : type.substr(blank + 1);
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return !isalnum(c) && c != '_'; }, '_');
  return word;
}

// Any number does that no other data of these objects has.
uint32_t shadow_number(const std::string &type) {
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char *>(type.data()), type.size(), nullptr, 0);
  uint32_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

struct Place {
  const StaticHolder *variable = nullptr; // that is one or points to one
  bool by_value = false;
  std::string next; // member that points to the next one, or ""
};

Place place_of(const UseGraph &graph, const std::string &type) {
  Place place;
  for (const StaticHolder &variable : graph.statics)
    for (const Holding &held : variable.holds)
      if (held.type == type && !place.variable)
        place = {&variable, held.by_value, ""};
  if (auto found = graph.members.find(type); found != graph.members.end())
    for (const Holding &held : found->second)
      if (held.type == type && !held.by_value && place.next.empty())
        place.next = held.member;
  return place;
}

std::string for_each(const TypeFinding &finding, const Place &place, const std::string &action) {
  const std::string &type = finding.change.name;
  if (!place.variable)
    return fmt::format("  /* For each object p that exists, if you can find them all:\n"
                       "   *   {} */\n",
                       action);
  const std::string &name = place.variable->name;
  if (place.by_value)
    return fmt::format("  {0} *p = &{1};\n  {2}\n", type, name, action);
  if (place.next.empty())
    return fmt::format("  {0} *p = {1};\n  if (p)\n    {2}\n", type, name, action);
  return fmt::format("  {0} *p;\n  for (p = {1}; p; p = p->{3})\n    {2}\n", type, name, action,
                     place.next);
}

bool has(const TypeFinding &finding, ChangeKind kind) {
  return std::any_of(finding.change.members.begin(), finding.change.members.end(),
                     [&](const MemberChange &m) { return m.kind == kind; });
}

std::string shadow_data(const TypeFinding &finding, const Place &place) {
  const std::string &type = finding.change.name;
  std::string word = identifier(type);
  std::string members, first;
  for (const MemberChange &m : finding.change.members)
    if (m.kind == ChangeKind::added && m.member != "(anonymous)" && m.member != "base class") {
      members += fmt::format("  {};\n", declaration(m.new_type, m.member));
      first = first.empty() ? m.member : first;
    }
  std::string call = fmt::format("{}_more(p)", word);
  return fmt::format("/* Leave {0} as it was. What it was to get stands beside each object:\n"
                     " * {3}->{4} instead of p->{4}. */\n"
                     "#define {1}_MORE 0x{5:x}ul\n"
                     "struct {1}_more {{\n{2}}};\n"
                     "static struct {1}_more *{1}_more({0} *object) {{\n"
                     "  return (struct {1}_more *)kpatch_shadow_get_or_alloc(\n"
                     "      object, {1}_MORE, sizeof(struct {1}_more), 0, 0); /* zeroed */\n"
                     "}}\n"
                     "/* Where an object is freed: kpatch_shadow_free(p, {1}_MORE, 0); */\n\n"
                     "static void set_up_{1}(void) {{ /* objects that exist */\n{6}}}\n"
                     "KPATCH_POST_APPLY(set_up_{1});\n",
                     type, word, members, call, first, shadow_number(type),
                     for_each(finding, place, call + "->" + first + " = 0;"));
}

std::string old_objects(const TypeFinding &finding, const Place &place) {
  const TypeChange &change = finding.change;
  std::string word = identifier(change.name);
  std::string sizes = change.old_size == change.new_size
                          ? fmt::format("hold their members where they were")
                          : fmt::format("have {} bytes, new code takes them for {}",
                                        change.old_size, change.new_size);
  std::string body = "  /* forget or convert them; no malloc and no lock in here */\n";
  if (place.variable && !place.by_value)
    body = fmt::format("  /* If these are free ones, kept for later: let go of them. */\n"
                       "  {} = 0;\n",
                       place.variable->name);
  return fmt::format("/* Objects that exist {1}. */\n"
                     "static int check_{0}(void) {{\n"
                     "  return 0; /* not 0 refuses the patch: is an old object in use? */\n"
                     "}}\n"
                     "static void drop_old_{0}(void) {{\n{2}}}\n"
                     "KPATCH_PRE_APPLY(check_{0});\n"
                     "KPATCH_POST_APPLY(drop_old_{0});\n"
                     "KPATCH_ACCEPT_LAYOUT(\"{3}\", \"no old object is left: drop_old_{0}\");\n",
                     word, sizes, body, change.name);
}

} // namespace

std::string hook_skeleton(const UseGraph &graph, const TypeFinding &finding) {
  Place place = place_of(graph, finding.change.name);
  std::string text = "#include <kpatch.h>\n\n";
  if (has(finding, ChangeKind::value))
    return text +
           fmt::format("/* Values of {0} that are stored somewhere mean something else "
                       "now: new ones\n * behind the old ones, or translate the stored "
                       "ones in a hook:\n"
                       " *   static void translate(void) {{ ... }}\n"
                       " *   KPATCH_POST_APPLY(translate); */\n"
                       "KPATCH_ACCEPT_LAYOUT(\"{0}\", \"why stored values do not matter\");\n",
                       finding.change.name);
  if (has(finding, ChangeKind::signature) && !has(finding, ChangeKind::added) &&
      finding.change.old_size == finding.change.new_size)
    return text + fmt::format("/* Tables and objects that exist hold the old functions. Give each "
                              "new function the\n * name of the old one, so that it replaces it: "
                              "then the old pointers lead to it. */\n"
                              "KPATCH_ACCEPT_LAYOUT(\"{}\", \"every function in it is replaced "
                              "under its old name\");\n",
                              finding.change.name);
  if (has(finding, ChangeKind::added) && finding.change.name.starts_with("union ") == false)
    return text + shadow_data(finding, place);
  return text + old_objects(finding, place);
}

} // namespace care
