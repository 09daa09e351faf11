// SPDX-License-Identifier: GPL-2.0-or-later
//
// Names are looked at before flags: compilers and gas agree on what `.rodata.*`
// means, and give flags only the first time a section is named.
#include "kpatch_gensrc/asm/sections.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "kpatch_gensrc/asm/lexer.h"

namespace care::gensrc {

namespace {

// ".text" itself or ".text.something".
bool belongs(std::string_view name, std::string_view family) {
  return name.starts_with(family) && (name.size() == family.size() || name[family.size()] == '.');
}

bool is_c_identifier(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z');
         });
}

struct Family {
  std::string_view name;
  SectionKind kind;
};

// The longest fitting name stands first.
constexpr Family kFamilies[] = {
    {".text", SectionKind::code},
    {".init_array", SectionKind::constructors},
    {".fini_array", SectionKind::constructors},
    {".preinit_array", SectionKind::constructors},
    {".ctors", SectionKind::constructors},
    {".dtors", SectionKind::constructors},
    {".init", SectionKind::code},
    {".fini", SectionKind::code},
    {".rodata", SectionKind::constant},
    {".data.rel.ro", SectionKind::constant},
    {".data", SectionKind::writable},
    {".bss", SectionKind::bss},
    {".tdata", SectionKind::tls},
    {".tbss", SectionKind::tls},
    {".gcc_except_table", SectionKind::lsda},
    {".eh_frame", SectionKind::debug},
    {".stab", SectionKind::debug},
    {".kpatch_mark", SectionKind::mark},
    {".note", SectionKind::note},
    {".gnu.linkonce.t", SectionKind::code},
    {".gnu.linkonce.r", SectionKind::constant},
    {".gnu.linkonce.d", SectionKind::writable},
    {".gnu.linkonce.b", SectionKind::bss},
};

std::optional<SectionKind> kind_by_name(std::string_view name) {
  if (name.starts_with(".debug_") || name.starts_with(".zdebug_") ||
      name.starts_with(".gnu.debuglto_"))
    return SectionKind::debug;
  for (const Family &family : kFamilies)
    if (belongs(name, family.name))
      return family.kind;
  return std::nullopt;
}

SectionKind kind_by_flags(std::string_view name, std::string_view flags, std::string_view type) {
  auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
  if (has('x'))
    return SectionKind::code;
  if (!has('a'))
    return SectionKind::note;
  if (has('T'))
    return SectionKind::tls;
  if (is_c_identifier(name))
    return SectionKind::linker_set;
  if (!has('w'))
    return SectionKind::constant;
  return type.ends_with("nobits") ? SectionKind::bss : SectionKind::writable;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

} // namespace

Section describe_section(std::string_view arguments) {
  Section section;
  section.name = unquoted(next_argument(arguments));
  section.flags = unquoted(next_argument(arguments));
  std::string_view type = next_argument(arguments);
  std::optional<SectionKind> known = kind_by_name(section.name);
  section.kind = known ? *known : kind_by_flags(section.name, section.flags, type);
  section.comdat = section.flags.find('G') != std::string_view::npos;
  if (section.flags.find('M') != std::string_view::npos) {
    std::string_view size = next_argument(arguments);
    std::from_chars(size.data(), size.data() + size.size(), section.entity_size);
  }
  return section;
}

std::string_view kind_name(SectionKind kind) {
  switch (kind) {
  case SectionKind::code:
    return "code";
  case SectionKind::writable:
    return "writable data";
  case SectionKind::bss:
    return "zeroed data";
  case SectionKind::constant:
    return "constant data";
  case SectionKind::tls:
    return "thread-local data";
  case SectionKind::lsda:
    return "exception table";
  case SectionKind::constructors:
    return "constructor list";
  case SectionKind::linker_set:
    return "linker set";
  case SectionKind::mark:
    return "mark";
  case SectionKind::note:
    return "note";
  case SectionKind::debug:
    break;
  }
  return "debug information";
}

} // namespace care::gensrc
