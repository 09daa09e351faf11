// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc sees flags on the command line, but a compiler can be configured to have
// them by default, and a file can be assembly from elsewhere. The code itself cannot
// hide them: instrumented code calls its run-time library or counts in its own
// variables, the larger code models load 64-bit addresses from the instruction.
//
// Sanitizers know every global and count on every access being checked; profiles and
// coverage are written by tables that the program read when it started. A function
// that comes later is in none of them. Calls that stand alone (mcount, __fentry__,
// __cyg_profile_func_enter, stack protector, stack probes) are carried like others.
#include "kpatch_gensrc/verdict/instrumentation.h"

#include <array>

#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

struct Trace {
  std::string_view prefix; // of a symbol that the code refers to
  std::string_view flag;
};

constexpr std::array kTraces = {
    Trace{"__asan_", "-fsanitize=address"},
    Trace{"__hwasan_", "-fsanitize=hwaddress"},
    Trace{"__tsan_", "-fsanitize=thread"},
    Trace{"__msan_", "-fsanitize=memory"},
    Trace{"__ubsan_handle_", "-fsanitize=undefined"},
    Trace{"__safestack_", "-fsanitize=safe-stack"},
    Trace{"__cfi_", "-fsanitize=cfi"},
    Trace{"__sanitizer_cov_", "-fsanitize-coverage"},
    Trace{"__gcov", "--coverage or -fprofile-generate"},
    Trace{"__llvm_gcov", "--coverage"},
    Trace{"__prof", "-fprofile-generate or -fprofile-instr-generate"},
    Trace{"__llvm_prof", "-fprofile-generate or -fprofile-instr-generate"},
};

constexpr std::array<std::string_view, 4> kLargeSections = {".ldata", ".lbss", ".lrodata",
                                                            ".ltext"};

class Search {
 public:
  explicit Search(const Unit &unit) : unit_(unit) {}
  void function(AtomId leader);

 private:
  void reference(SymId symbol);
  void statement(const Statement &statement);
  [[noreturn]] void refuse(std::string_view what, std::string_view symbol,
                           std::string_view flag) const;

  const Unit &unit_;
  AtomId leader_ = kNone;
};

void Search::refuse(std::string_view what, std::string_view symbol, std::string_view flag) const {
  throw error(ExitCode::unsupported, "{}: {} {} {}: it was compiled with {}",
              unit_.where(unit_.offset_of(leader_)), unit_.name(leader_), what, symbol, flag)
      .with_hint("such code cannot be replaced: compile the file without, in the program "
                 "that is to be patched as well");
}

void Search::reference(SymId symbol) {
  std::string_view name = unit_.names.text(symbol);
  for (const Trace &trace : kTraces)
    if (name.starts_with(trace.prefix))
      refuse("refers to", name, trace.flag);
  AtomId atom = unit_.symbol(symbol).atom;
  if (atom == kNone)
    return;
  for (std::string_view section : kLargeSections)
    if (unit_.sections[unit_.atoms[atom].section].name.starts_with(section))
      refuse("refers to", name, "-mcmodel=medium or -mcmodel=large");
}

void Search::statement(const Statement &statement) {
  if (statement.type() != StatementKind::instruction)
    return;
  std::string_view text = unit_.statement_text(statement);
  // clang -O0 -fno-pie loads addresses of strings so in the small model too; a whole
  // address needs nothing but a relocation.
  bool address = behind_first_word(text).starts_with('$') && text.find('@') == text.npos &&
                 text.find("_GLOBAL_OFFSET_TABLE_") == text.npos;
  if (text.starts_with("movabs") && !address)
    for_each_symbol(text, [&](size_t begin, size_t length) {
      refuse("loads all 64 bits of", text.substr(begin, length),
             "-mcmodel=medium or -mcmodel=large");
    });
}

void Search::function(AtomId leader) {
  leader_ = leader;
  for (AtomId id = leader; id != kNone; id = unit_.atoms[id].next_in_group) {
    const Atom &atom = unit_.atoms[id];
    for (uint32_t ref = atom.refs_begin; ref < atom.refs_end; ref++)
      reference(unit_.refs[ref]);
    for (const StatementRange &range : atom.ranges)
      for (uint32_t i = range.begin; i < range.end; i++)
        statement(unit_.statements[i]);
  }
}

} // namespace

void refuse_instrumented(const Unit &patched, const Difference &difference) {
  Search search(patched);
  for (const ChangedFunction &function : difference.changed)
    search.function(function.patched);
  for (AtomId function : difference.added_functions)
    search.function(function);
}

} // namespace care::gensrc
