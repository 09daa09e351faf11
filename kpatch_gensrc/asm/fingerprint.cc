// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two atoms are equal when their streams are. The stream is the text of the
// statements that count, with every symbol cut out. A label of the atom itself
// is replaced by the number of statements in front of it; any other symbol is
// left as a hole and listed in Unit::refs, to be judged by comparison.h, since
// its name alone says nothing.
//
// The fingerprint is std::hash of the stream, taken twice from different
// starting states: 128 bits, so that two streams that differ are never
// taken for equal by chance.
#include "kpatch_gensrc/asm/fingerprint.h"

#include <functional>

#include "kpatch_gensrc/asm/lexer.h"

namespace care::gensrc {

namespace {

// Which statements hold symbols at all. Strings do not, and of the CFI directives
// only two do; the operands of the others may look like symbols ("rbp").
bool has_symbols(StatementKind kind, std::string_view text) {
  if (kind == StatementKind::cfi)
    return text.starts_with(".cfi_personality") || text.starts_with(".cfi_lsda");
  if (kind == StatementKind::data)
    return !text.starts_with(".string") && !text.starts_with(".asci");
  return kind == StatementKind::instruction;
}

class Fingerprinter {
 public:
  explicit Fingerprinter(Unit &unit) : unit_(unit) {}

  void run(AtomId id) {
    Atom &atom = unit_.atoms[id];
    stream_.assign("kpatch:\n"); // 8 bytes: the second hash begins behind them
    atom.refs_begin = static_cast<uint32_t>(unit_.refs.size());
    for (const StatementRange &range : atom.ranges)
      for (uint32_t i = range.begin; i < range.end; i++)
        if (counts(unit_.statements[i].type()))
          statement(id, unit_.statements[i]);
    atom.refs_end = static_cast<uint32_t>(unit_.refs.size());
    std::string_view whole = stream_;
    std::hash<std::string_view> hash;
    atom.fingerprint = {hash(whole), hash(whole.substr(8))};
  }

 private:
  void statement(AtomId id, const Statement &statement) {
    std::string_view text = unit_.statement_text(statement);
    if (statement.type() == StatementKind::common) {
      std::string_view arguments = behind_first_word(text);
      next_argument(arguments); // its own name
      text = arguments;
    }
    size_t done = 0;
    if (has_symbols(statement.type(), text))
      for_each_symbol(text, [&](size_t begin, size_t length) {
        stream_.append(text, done, begin - done);
        reference(id, unit_.names.id(text.substr(begin, length)));
        done = begin + length;
      });
    stream_.append(text, done);
    stream_ += '\n';
  }

  void reference(AtomId id, SymId name) {
    const Symbol &symbol = unit_.symbol(name);
    if (symbol.atom == id && unit_.atoms[id].name != name) {
      stream_ += '\1';
      stream_.append(reinterpret_cast<const char *>(&symbol.ordinal), sizeof(symbol.ordinal));
    } else {
      stream_ += '\2';
      unit_.refs.push_back(name);
    }
  }

  Unit &unit_;
  std::string stream_;
};

} // namespace

void fingerprint_atoms(Unit &unit) {
  Fingerprinter fingerprinter(unit);
  for (AtomId id = 0; id < unit.atoms.size(); id++)
    fingerprinter.run(id);
}

} // namespace care::gensrc
