// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table behind directive_of(). Names and meanings after the gas manual,
// "Pseudo Ops", and what clang 14 adds for itself (.addrsig).
#include "kpatch_gensrc/asm/directives.h"

#include <unordered_map>

namespace care::gensrc {

namespace {

using Table = std::unordered_map<std::string_view, Directive>;

void add(Table &table, Directive directive, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words)
    table.emplace(word, directive);
}

Table make_table() {
  Table table;
  add(table, Directive::data,
      {".byte",    ".short",   ".value",    ".hword",    ".word",     ".2byte",  ".4byte",
       ".8byte",   ".long",    ".int",      ".quad",     ".octa",     ".ascii",  ".asciz",
       ".string",  ".string8", ".string16", ".string32", ".string64", ".zero",   ".skip",
       ".space",   ".fill",    ".float",    ".single",   ".double",   ".tfloat", ".uleb128",
       ".sleb128", ".dc.b",    ".dc.w",     ".dc.l",     ".dc.s",     ".dc.d",   ".dc.a",
       ".nop",     ".nops"});
  add(table, Directive::ignored, {".ident",      ".loc",     ".att_syntax",  ".code64",
                                  ".arch",       ".addrsig", ".addrsig_sym", ".loc_mark_labels",
                                  ".version",    ".title",   ".sbttl",       ".list",
                                  ".nolist",     ".eject",   ".psize",       ".altmacro",
                                  ".noaltmacro", ".line",    ".ln",          ".linefile",
                                  ".print"});
  add(table, Directive::align, {".align", ".p2align", ".balign"});
  add(table, Directive::global, {".globl", ".global"});
  add(table, Directive::hidden, {".hidden", ".internal", ".protected"});
  add(table, Directive::set, {".set", ".equ", ".equiv"});
  add(table, Directive::named_section, {".text", ".data", ".bss"});
  add(table, Directive::unsupported,
      {".endm",   ".endmacro",     ".rept",       ".rep",    ".endr",  ".irp",      ".irpc",
       ".if",     ".ifeq",         ".ifne",       ".ifc",    ".ifnc",  ".ifb",      ".ifnb",
       ".elseif", ".intel_syntax", ".include",    ".incbin", ".org",   ".reloc",    ".code32",
       ".code16", ".code16gcc",    ".struct",     ".eqv",    ".exitm", ".linkonce", ".offset",
       ".def",    ".endef",        ".lto_discard"});
  add(table, Directive::if_not_defined, {".ifndef", ".ifnotdef"});
  table.emplace(".ifdef", Directive::if_defined);
  table.emplace(".else", Directive::else_branch);
  table.emplace(".endif", Directive::end_if);
  table.emplace(".macro", Directive::macro);
  table.emplace(".purgem", Directive::purge_macro);
  table.emplace(".file", Directive::file);
  table.emplace(".weak", Directive::weak);
  table.emplace(".local", Directive::local);
  table.emplace(".type", Directive::type);
  table.emplace(".size", Directive::size);
  table.emplace(".comm", Directive::common);
  table.emplace(".lcomm", Directive::local_common);
  table.emplace(".weakref", Directive::weakref);
  table.emplace(".symver", Directive::symver);
  table.emplace(".section", Directive::section);
  table.emplace(".pushsection", Directive::push_section);
  table.emplace(".popsection", Directive::pop_section);
  table.emplace(".previous", Directive::previous);
  table.emplace(".subsection", Directive::subsection);
  table.emplace(".cfi_sections", Directive::cfi_sections);
  table.emplace(".end", Directive::end);
  return table;
}

} // namespace

Directive directive_of(std::string_view word) {
  static const Table kTable = make_table();
  if (word.starts_with(".cfi_"))
    return word == ".cfi_sections" ? Directive::cfi_sections : Directive::cfi;
  Table::const_iterator found = kTable.find(word);
  return found == kTable.end() ? Directive::unknown : found->second;
}

} // namespace care::gensrc
