// SPDX-License-Identifier: GPL-2.0-or-later
//
// Parse both, pair, compare, refuse what cannot be done, write the rest.
#include "kpatch_gensrc/generate.h"

#include <map>

#include "kpatch_gensrc/asm/atoms.h"
#include "kpatch_gensrc/asm/parser.h"
#include "kpatch_gensrc/emit/emit.h"
#include "kpatch_gensrc/match/fix_marks.h"
#include "kpatch_gensrc/match/symbol_pairing.h"
#include "kpatch_gensrc/verdict/instrumentation.h"
#include "kpatch_gensrc/verdict/refusals.h"
#include "kpatch_gensrc/verdict/refuse_cxx.h"
#include "kpatch_gensrc/verdict/removed_data.h"
#include "lib/base/error.h"
#include "lib/base/version.h"

namespace care::gensrc {

namespace {

std::string name_or_empty(const Unit &unit, AtomId atom) {
  return atom == kNone ? std::string() : std::string(unit.name(atom));
}

class Generator {
 public:
  Generator(const Unit &original, const Unit &patched, const AtomPairs &pairs,
            Comparison &comparison, const Difference &difference, const std::vector<Mark> &marks,
            Targets &targets, Listings listings, Scope scope)
      : original_(original), patched_(patched), pairs_(pairs), comparison_(comparison),
        difference_(difference), marks_(marks), targets_(targets), listings_(listings),
        scope_(scope) {}
  Generated run();
  // Scope::all: functions (leaders of the patched file) that could not be emitted. What
  // run() returned is of no use unless there are none.
  const std::map<AtomId, std::string> &failed() const { return failed_; }

 private:
  void changed_functions();
  void changed_function(const ChangedFunction &function);
  void new_functions();
  bool only_definition(AtomId atom);
  void aliases();
  void data();
  void marks();
  void add_mark(const Mark &mark, EmittedMark record);
  void report_removed();

  const Unit &original_;
  const Unit &patched_;
  const AtomPairs &pairs_;
  Comparison &comparison_;
  const Difference &difference_;
  const std::vector<Mark> &marks_;
  Targets &targets_;
  Listings listings_;
  Scope scope_;
  Generated out_;
  std::vector<ReplacementRecord> records_;
  std::map<AtomId, std::string> failed_;
  std::vector<EmittedMark> mark_records_;
};

void Generator::changed_functions() {
  for (const ChangedFunction &function : difference_.changed) {
    try {
      changed_function(function);
    } catch (const Error &e) {
      if (scope_ != Scope::all)
        throw;
      failed_.emplace(function.patched, e.message());
    }
  }
}

void Generator::changed_function(const ChangedFunction &function) {
  AtomId old_cold = original_.atoms[function.original].cold;
  AtomId new_cold = patched_.atoms[function.patched].cold;
  FirstDifference difference{"replaced by --all", {}, {}};
  if (scope_ != Scope::all) {
    if (comparison_.same_function(function.original, function.patched))
      difference.part = "equal, but marked in the source";
    else
      difference = explain_function(original_, patched_, comparison_, function);
  }
  ReplacementRecord record;
  record.original = record.name = original_.name(function.original);
  record.replacement = targets_.emitted_name(function.patched);
  record.original_cold = name_or_empty(original_, old_cold);
  record.replacement_cold = new_cold == kNone ? std::string() : targets_.emitted_name(new_cold);
  record.reason = one_line(difference);
  record.kind = RecordKind::changed_function;
  out_.appended += emit_function(patched_, function.patched, targets_, false);
  FunctionListing listing;
  if (listings_ == Listings::yes)
    listing = list_function(original_, patched_, comparison_, function);
  out_.report.changed.push_back({record.name, std::move(difference), std::move(listing)});
  records_.push_back(std::move(record));
}

// Of a new atom: a common variable (-fcommon) is one with those of other files, but
// for one that has another name here.
bool Generator::only_definition(AtomId atom) {
  const Symbol &symbol = patched_.owner(atom);
  if (!symbol.exported() || symbol.weak)
    return false;
  for (const StatementRange &range : patched_.atoms[atom].ranges)
    for (uint32_t i = range.begin; i < range.end; i++)
      if (patched_.statements[i].type() == StatementKind::common)
        return targets_.emitted_name(atom) != patched_.name(atom);
  return true;
}

void Generator::new_functions() {
  for (AtomId function : difference_.added_functions) {
    AtomId cold = patched_.atoms[function].cold;
    ReplacementRecord record;
    record.replacement = targets_.emitted_name(function);
    record.replacement_cold = cold == kNone ? std::string() : targets_.emitted_name(cold);
    record.name = patched_.name(function);
    record.reason = "new";
    record.kind = RecordKind::new_function;
    record.only_definition = only_definition(function);
    record.shared = targets_.is_shared(function);
    if (record.shared)
      out_.report.shared.emplace(record.name, record.replacement);
    out_.appended += emit_function(patched_, function, targets_, true);
    out_.report.new_functions.push_back(record.name);
    records_.push_back(std::move(record));
  }
}

// A new global name of something, which other files of the fix may use.
void Generator::aliases() {
  for (uint32_t index : difference_.added_aliases) {
    const Alias &alias = patched_.aliases[index];
    std::string_view name = patched_.names.text(alias.name);
    bool weak = patched_.symbol(alias.name).weak;
    AtomId atom = resolve(patched_, alias.target).atom;
    if (weak && atom != kNone && targets_.is_shared(atom))
      continue; // a constructor's second name: text_for() writes the first
    if (targets_.is_known_name(alias.name)) {
      if (weak)
        continue; // an inline function's: the other file's will do
      throw error(ExitCode::unsupported,
                  "{}: {} was defined by another file and is another name of "
                  "{} now",
                  patched_.where(alias.begin), name, patched_.names.text(alias.target))
          .with_hint("what did not change would go on using the old one: give it a new name");
    }
    std::string target = targets_.text_for(alias.target, kNone, Use::address, alias.begin);
    out_.appended += fmt::format("\t{}\t{}\n\t.hidden\t{}\n\t.set\t{}, {}",
                                 weak ? ".weak" : ".globl", name, name, name, target);
    out_.appended += alias.addend == 0 ? "\n" : fmt::format("{:+}\n", alias.addend);
  }
}

// Data may refer to more data.
void Generator::data() {
  for (AtomId atom : difference_.added_data)
    targets_.want(atom);
  for (std::vector<AtomId> wanted = targets_.take_wanted(); !wanted.empty();
       wanted = targets_.take_wanted())
    for (AtomId atom : wanted) {
      out_.appended += emit_data(patched_, atom, targets_);
      if (is_local_label(patched_.name(atom)))
        continue;
      ReplacementRecord record;
      record.replacement = targets_.emitted_name(atom);
      record.name = patched_.name(atom);
      record.reason = "new";
      record.kind =
          patched_.kind(atom) == SectionKind::tls ? RecordKind::new_tls : RecordKind::new_data;
      record.only_definition = only_definition(atom);
      record.shared = targets_.is_shared(atom);
      if (record.shared)
        out_.report.shared.emplace(record.name, record.replacement);
      if (is_shadow_table(record.name))
        mark_records_.push_back({MacroKind::shadow_table, record.replacement, record.name, ""});
      out_.report.new_data.push_back(record.name);
      records_.push_back(std::move(record));
    }
}

void Generator::add_mark(const Mark &mark, EmittedMark record) {
  std::string_view change = record.text;
  change = change.substr(0, change.find('\n'));
  out_.report.marks.push_back(
      {std::string(macro_name(mark.kind)), record.name, std::string(change), mark.text});
  mark_records_.push_back(std::move(record));
}

void Generator::marks() {
  for (const Mark &mark : marks_) {
    EmittedMark record{mark.kind, "", std::string(patched_.names.text(mark.symbol)), ""};
    Place place = resolve(patched_, mark.symbol);
    if (mark.is_hook()) {
      record.symbol = targets_.emitted_name(place.atom);
    } else if (mark.kind == MacroKind::unsafe) {
      record.symbol = targets_.text_for(mark.symbol, kNone, Use::address, mark.offset);
    } else if (mark.kind == MacroKind::ignore) {
      std::string change = place.atom == kNone ? describe_removed(original_, difference_, mark)
                                               : describe_change(original_, patched_, pairs_,
                                                                 comparison_, place.atom);
      record.text = change + "\n" + mark.text;
    } else {
      continue; // KPATCH_FORCE has had its effect
    }
    add_mark(mark, std::move(record));
  }
}

void Generator::report_removed() {
  for (AtomId atom : difference_.removed_functions)
    out_.report.removed.emplace_back(original_.name(atom));
  for (AtomId atom : difference_.removed_data)
    out_.report.removed.emplace_back(original_.name(atom));
}

Generated Generator::run() {
  report_removed();
  if (difference_.nothing() && marks_.empty())
    return std::move(out_);
  changed_functions();
  new_functions();
  aliases();
  data();
  marks();
  std::string head = fmt::format("# ---- appended by kpatch_gensrc {} ----\n", kVersion);
  for (const std::string &declaration : targets_.declarations())
    head += declaration;
  std::string_view source = patched_.source.empty() ? patched_.path : patched_.source;
  out_.appended = head + out_.appended + emit_info(records_, mark_records_, source);
  return std::move(out_);
}

// All but those that an earlier round could not emit: callers have to know whom they call.
void count_all_as_changed(const Unit &patched, const AtomPairs &pairs,
                          const std::map<AtomId, std::string> &left_out, Difference &difference) {
  difference.changed.clear();
  for (AtomId id = 0; id < patched.atoms.size(); id++)
    if (patched.atoms[id].leader == id && patched.kind(id) == SectionKind::code &&
        pairs.to_original(id) != kNone && left_out.count(id) == 0)
      difference.changed.push_back({pairs.to_original(id), id});
}

} // namespace

Generated generate(const std::string &original_path, std::string_view original_text,
                   const std::string &patched_path, std::string_view patched_text,
                   Listings listings, Scope scope) {
  if (original_text == patched_text && scope == Scope::changes)
    return {};
  Names names;
  Unit original(original_path, original_text, names);
  Unit patched(patched_path, patched_text, names);
  parse(original);
  make_atoms(original);
  size_t known_names = names.size();
  parse(patched);
  make_atoms(patched);
  AtomPairs pairs(original, patched);
  Comparison comparison(original, patched, pairs);
  pair_atoms(original, patched, pairs, comparison);
  std::vector<Mark> marks = read_marks(original, patched);
  Difference difference =
      find_difference(original, patched, pairs, comparison, forced_functions(patched, marks));
  refuse_instrumented(patched, difference);
  refuse_cxx(original, patched, comparison, difference);
  refuse_what_cannot_be_done(original, patched, pairs, comparison, difference, marks);
  refuse_removed_data(original, pairs, difference, marks);
  std::map<AtomId, std::string> left_out;
  for (;;) {
    if (scope == Scope::all)
      count_all_as_changed(patched, pairs, left_out, difference);
    Targets targets(original, patched, pairs, comparison, difference, known_names);
    Generator generator(original, patched, pairs, comparison, difference, marks, targets, listings,
                        scope);
    Generated generated = generator.run();
    for (const auto &[function, why] : left_out)
      generated.report.left_out.push_back(fmt::format("{}: {}", patched.name(function), why));
    if (generator.failed().empty())
      return generated;
    left_out.insert(generator.failed().begin(), generator.failed().end());
  }
}

} // namespace care::gensrc
