// SPDX-License-Identifier: GPL-2.0-or-later
//
// New variables and constants, each in the .kpatch section for its kind: zeroed
// ones to .kpatch.bss, constants that hold addresses to .kpatch.data.rel.ro,
// since only relocation writes them. Of a thread-local one the first value is written,
// to a plain section: the program's own thread-local block must not grow.
#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/emit/emit.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

std::string_view data_section(const Unit &unit, AtomId atom) {
  switch (unit.kind(atom)) {
  case SectionKind::bss:
    return "\t.section\t.kpatch.bss,\"awR\",@nobits\n";
  case SectionKind::writable:
    return "\t.section\t.kpatch.data,\"awR\",@progbits\n";
  case SectionKind::tls:
    return unit.sections[unit.atoms[atom].section].name.starts_with(".tbss")
               ? "\t.section\t.kpatch.tbss,\"awR\",@nobits\n"
               : "\t.section\t.kpatch.tdata,\"awR\",@progbits\n";
  case SectionKind::constant:
    return unit.atoms[atom].refs_begin == unit.atoms[atom].refs_end
               ? "\t.section\t.kpatch.rodata,\"aR\",@progbits\n"
               : "\t.section\t.kpatch.data.rel.ro,\"awR\",@progbits\n";
  default:
    throw error(ExitCode::unsupported, "{}: {} is new {}, which a patch cannot bring",
                unit.where(unit.offset_of(atom)), unit.name(atom), kind_name(unit.kind(atom)));
  }
}

// .comm NAME, SIZE, ALIGN
std::string emit_common(const Unit &unit, const Statement &statement, const std::string &name) {
  std::string_view arguments = behind_first_word(unit.statement_text(statement));
  next_argument(arguments);
  std::string_view size = next_argument(arguments);
  std::string_view alignment = next_argument(arguments);
  return fmt::format("\t.balign\t{}\n{}:\n\t.zero\t{}\n", alignment.empty() ? "16" : alignment,
                     name, size);
}

// tls_access.h tells what they are for.
std::string emit_tls_slots(AtomId id, const std::string &name, Targets &targets) {
  auto slot = [&](const char *section, bool distance) {
    return fmt::format("\t.section\t{},\"awR\",@progbits\n\t.balign\t8\n{}:\n\t.quad\t{}\n",
                       section, targets.tls_slot(id, distance), name);
  };
  std::string out = slot(".kpatch.tpoff", false);
  return targets.wants_distance(id) ? out + slot(".kpatch.dtpoff", true) : out;
}

} // namespace

std::string emit_data(const Unit &unit, AtomId id, Targets &targets) {
  const Atom &atom = unit.atoms[id];
  bool anonymous = is_local_label(unit.name(id));
  std::string name = anonymous ? targets.label(atom.name) : targets.emitted_name(id);
  bool tls = unit.kind(id) == SectionKind::tls;
  std::string out{data_section(unit, id)};
  // Nobody can refer to a thread-local one by name: it is no thread-local symbol here.
  bool own_name = name == unit.name(id) && unit.owner(id).exported();
  if (!anonymous && !tls && (own_name || targets.is_shared(id)))
    out += fmt::format("\t.weak\t{}\n\t.hidden\t{}\n", name, name);
  if (!anonymous)
    out += fmt::format("\t.type\t{}, @object\n", name);
  bool labelled = false;
  auto open = [&] {
    if (!labelled)
      out += fmt::format("\t.balign\t{}\n{}:\n", atom.alignment, name);
    labelled = true;
  };
  for (const StatementRange &range : atom.ranges)
    for (uint32_t i = range.begin; i < range.end; i++) {
      const Statement &statement = unit.statements[i];
      if (statement.type() == StatementKind::common) {
        out += emit_common(unit, statement, name);
        labelled = true;
      } else if (statement.type() == StatementKind::data) {
        open();
        out += '\t' + rewrite_symbols(unit, statement, kNone, targets) + '\n';
      } else if (statement.type() == StatementKind::label) {
        open();
        if (statement.value != atom.name)
          out += targets.label(statement.value) + ":\n";
      }
    }
  open();
  if (!anonymous)
    out += fmt::format("\t.size\t{}, .-{}\n", name, name);
  if (tls)
    out += emit_tls_slots(id, name, targets);
  return out;
}

} // namespace care::gensrc
