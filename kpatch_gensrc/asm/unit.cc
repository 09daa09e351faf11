// SPDX-License-Identifier: GPL-2.0-or-later
//
// Questions to a Unit that are asked seldom enough to be answered by looking.
#include "kpatch_gensrc/asm/unit.h"

#include <algorithm>

#include "kpatch_gensrc/asm/join.h"
#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

std::string_view Unit::statement_text(const Statement &statement) const {
  switch (statement.type()) {
  case StatementKind::label:
  case StatementKind::section:
  case StatementKind::end:
  case StatementKind::common: {
    std::string_view line;
    StatementReader(text.substr(statement.begin)).next(line);
    return line;
  }
  default:
    return text.substr(statement.begin, statement.value);
  }
}

bool Unit::joined() const {
  return text.starts_with(kJoinedBegin);
}

std::string_view Unit::part_of(uint32_t offset) const {
  if (!joined())
    return text;
  return text.substr(text.rfind(kPartMark, offset) + 1);
}

size_t Unit::line_of(uint32_t offset) const {
  const char *begin = part_of(offset).data();
  bool joined = begin != text.data();
  return (joined ? 0 : 1) + static_cast<size_t>(std::count(begin, text.data() + offset, '\n'));
}

std::string Unit::where(uint32_t offset) const {
  std::string_view part = part_of(offset);
  if (part.data() == text.data())
    return source.empty() ? fmt::format("{}:{}", path, line_of(offset))
                          : fmt::format("{}, assembly line {}", source, line_of(offset));
  part.remove_prefix(kPartMark.size() - 1);
  return fmt::format("{}:{}", part.substr(0, part.find('\n')), line_of(offset));
}

uint32_t Unit::offset_of(AtomId atom) const {
  const std::vector<StatementRange> &ranges = atoms[atom].ranges;
  return ranges.empty() ? 0 : statements[ranges.front().begin].begin;
}

Place resolve(const Unit &unit, SymId symbol) {
  Place place{symbol, kNone, 0, 0};
  // A chain longer than this is a circle.
  for (int depth = 0; depth < 64; depth++) {
    const Symbol &found = unit.symbol(place.symbol);
    if (found.alias == kNone || found.exported() || found.weakref) {
      place.atom = found.atom;
      place.ordinal = found.ordinal;
      return place;
    }
    const Alias &alias = unit.aliases[found.alias];
    if (alias.target == kNone)
      throw error(ExitCode::unsupported, "{}: {} is set to an expression that cannot be followed",
                  unit.where(alias.begin), unit.names.text(place.symbol));
    place.symbol = alias.target;
    place.addend += alias.addend;
  }
  throw error(ExitCode::bad_input, "{}: {} is defined by itself", unit.path,
              unit.names.text(symbol));
}

} // namespace care::gensrc
