// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parser walks the file once. It keeps the statements that make up code
// and data, notes what directives say about symbols, and drops the rest: all
// debug sections, and labels that only those refer to (gcc's .LVL, .LBB, .LBE
// and .LBI followed by nothing but digits).
//
// Macros, conditionals and inclusion would need an assembler's inner workings;
// no compiler writes them, so they are refused with file and line. But for what
// <sys/sdt.h> (SystemTap's probes, in glibc and many servers) puts into asm
// statements: .ifdef and .ifndef of a symbol, and the macros called _SDT_..., which
// write to a note and nowhere else.
#include "kpatch_gensrc/asm/parser.h"

#include <charconv>
#include <unordered_map>
#include <vector>

#include "kpatch_gensrc/asm/directives.h"
#include "kpatch_gensrc/asm/lexer.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

// A label that nothing but debug information refers to: .LVL7, .LBB7 and so on,
// digits only. clang's basic blocks (.LBB0_1) are none.
bool is_debug_label(std::string_view name) {
  if (name.size() < 5 || name[0] != '.' || name[1] != 'L')
    return false;
  std::string_view family = name.substr(2, 2);
  bool known =
      family == "VL" || family == "VU" || family == "BB" || family == "BE" || family == "BI";
  return known && name.find_first_not_of("0123456789", 4) == name.npos;
}

class Parser {
 public:
  explicit Parser(Unit &unit) : unit_(unit), reader_(unit.text) {}
  void run();

 private:
  uint32_t offset() const { return static_cast<uint32_t>(at_.data() - unit_.text.data()); }
  SymId name_argument(std::string_view &arguments);
  template<typename Change>
  void for_each_name(std::string_view arguments, Change change);
  void add(StatementKind kind, size_t value);
  bool skip_labels();
  void statement();
  void directive(Directive kind, std::string_view word);
  void symbol_directive(Directive kind, std::string_view word, std::string_view arguments);
  void section_directive(Directive kind, std::string_view word, std::string_view arguments);
  void set_type(std::string_view arguments);
  void common(Directive kind, std::string_view arguments);
  void cfi(std::string_view word, std::string_view arguments);
  void alias(SymId name, std::string_view expression);
  bool assignment();
  uint32_t section_index(std::string_view arguments);
  void enter(uint32_t section);
  bool condition(Directive kind, std::string_view arguments);
  bool skipped();
  Error unsupported(std::string_view word) const;

  // An .if that is open.
  struct Condition {
    bool taken;
    bool was_else;
  };

  struct Place {
    uint32_t current = 0;
    uint32_t previous = 0;
  };

  Unit &unit_;
  StatementReader reader_;
  std::string_view at_; // what is left of the statement
  Place place_;
  std::vector<Place> stack_;
  std::vector<Condition> conditions_;
  size_t skipped_ifs_ = 0;    // opened inside of what is skipped
  bool in_macro_ = false;     // in the definition of one
  std::vector<bool> defined_; // by SymId, as far as the file is read
  std::unordered_map<std::string_view, uint32_t> section_by_key_;
};

void Parser::run() {
  if (unit_.text.size() >= ~uint32_t(0))
    throw error(ExitCode::unsupported, "{}: larger than 4 GiB", unit_.path);
  place_.current = place_.previous = section_index(".text");
  while (reader_.next(at_)) {
    if (!skipped() && skip_labels())
      statement();
    if (unit_.sections[place_.current].kind == SectionKind::debug && conditions_.empty() &&
        !in_macro_)
      reader_.skip_data_lines();
  }
}

// Is the statement in a macro or in the branch that is not assembled?
bool Parser::skipped() {
  std::string_view word = first_word(at_);
  if (in_macro_) {
    in_macro_ = word != ".endm" && word != ".endmacro";
    return true;
  }
  if (conditions_.empty() || conditions_.back().taken)
    return false;
  if (word.starts_with(".if"))
    skipped_ifs_++;
  else if (skipped_ifs_ > 0)
    skipped_ifs_ -= word == ".endif";
  else
    return word != ".else" && word != ".endif";
  return true;
}

// .ifdef and its kin; true when `kind` is one of them.
bool Parser::condition(Directive kind, std::string_view arguments) {
  switch (kind) {
  case Directive::if_defined:
  case Directive::if_not_defined: {
    SymId name = name_argument(arguments);
    bool defined = name < defined_.size() && defined_[name];
    conditions_.push_back({defined == (kind == Directive::if_defined), false});
    return true;
  }
  case Directive::else_branch:
    if (conditions_.empty() || conditions_.back().was_else)
      throw error(ExitCode::bad_input, "{}: .else without .if", unit_.where(offset()));
    conditions_.back() = {!conditions_.back().taken, true};
    return true;
  case Directive::end_if:
    if (conditions_.empty())
      throw error(ExitCode::bad_input, "{}: .endif without .if", unit_.where(offset()));
    conditions_.pop_back();
    return true;
  case Directive::macro:
    if (!arguments.starts_with("_SDT_"))
      throw unsupported(".macro");
    in_macro_ = true;
    return true;
  case Directive::purge_macro:
    if (!arguments.starts_with("_SDT_"))
      throw unsupported(".purgem");
    return true;
  default:
    return false;
  }
}

Error Parser::unsupported(std::string_view word) const {
  if (word == ".intel_syntax")
    return error(ExitCode::unsupported, "{}: Intel syntax cannot be compared",
                 unit_.where(offset()))
        .with_hint("compile with -masm=att; the code is the same");
  return error(ExitCode::unsupported, "{}: cannot follow {}", unit_.where(offset()), word)
      .with_hint("compiler output has none of these; hand-written assembly that changed "
                 "must be patched by another way");
}

void Parser::add(StatementKind kind, size_t value) {
  if (value >= (1u << 28))
    throw error(ExitCode::unsupported, "{}: statement too long", unit_.where(offset()));
  unit_.statements.push_back({offset(), static_cast<uint32_t>(kind), static_cast<uint32_t>(value)});
}

// Records the labels in front; false when nothing follows them.
bool Parser::skip_labels() {
  bool debug = unit_.sections[place_.current].kind == SectionKind::debug;
  size_t behind = 0;
  while (size_t length = label_length(at_, behind)) {
    std::string_view name = at_.substr(0, length);
    if (debug || is_debug_label(name)) {
      // nobody asks
    } else if (name[0] >= '0' && name[0] <= '9') {
      add(StatementKind::numeric_label, length + 1);
    } else {
      SymId id = unit_.names.id(name);
      add(StatementKind::label, id);
      if (id >= defined_.size())
        defined_.resize(id + 1);
      defined_[id] = true;
    }
    at_.remove_prefix(behind);
  }
  return !at_.empty();
}

void Parser::statement() {
  bool debug = unit_.sections[place_.current].kind == SectionKind::debug;
  if (at_[0] == '.') {
    std::string_view word = first_word(at_);
    Directive kind = directive_of(word);
    if (kind != Directive::unknown) {
      if (condition(kind, behind_first_word(at_)))
        return;
      // What is said about symbols holds wherever it is said.
      if (!debug || (kind >= Directive::global && kind <= Directive::subsection))
        directive(kind, word);
      return;
    }
    if (assignment() || debug)
      return;
    throw unsupported(word);
  }
  if (assignment() || debug)
    return;
  if (is_name_start(at_[0]) || at_[0] == '{')
    add(StatementKind::instruction, at_.size());
  else
    throw error(ExitCode::bad_input, "{}: this is no assembly: {:.40}", unit_.where(offset()), at_);
}

// NAME = EXPRESSION
bool Parser::assignment() {
  size_t at = 0;
  while (at < at_.size() && is_name_char(at_[at]))
    at++;
  std::string_view name = at_.substr(0, at);
  while (at < at_.size() && (at_[at] == ' ' || at_[at] == '\t'))
    at++;
  if (name.empty() || at >= at_.size() || at_[at] != '=')
    return false;
  at += at + 1 < at_.size() && at_[at + 1] == '=' ? 2 : 1;
  alias(unit_.names.id(name), at_.substr(at));
  return true;
}

void Parser::alias(SymId name, std::string_view expression) {
  expression = next_argument(expression);
  Alias alias{name, kNone, 0, offset()};
  SymbolSpan span = next_symbol(expression, 0);
  if (span.length != 0 && span.begin == 0) {
    std::string_view rest = expression.substr(span.length);
    std::string_view digits = rest.starts_with('+') ? rest.substr(1) : rest;
    const char *end = digits.data() + digits.size();
    bool plain = rest.empty() || ((rest[0] == '+' || rest[0] == '-') &&
                                  std::from_chars(digits.data(), end, alias.addend).ptr == end);
    if (plain)
      alias.target = unit_.names.id(expression.substr(0, span.length));
  }
  unit_.symbol(name).alias = static_cast<uint32_t>(unit_.aliases.size());
  unit_.aliases.push_back(alias);
}

SymId Parser::name_argument(std::string_view &arguments) {
  std::string_view name = next_argument(arguments);
  if (name.empty())
    throw error(ExitCode::bad_input, "{}: a name is missing", unit_.where(offset()));
  return unit_.names.id(name);
}

template<typename Change>
void Parser::for_each_name(std::string_view arguments, Change change) {
  while (!arguments.empty())
    change(unit_.symbol(name_argument(arguments)));
}

void Parser::directive(Directive kind, std::string_view word) {
  std::string_view arguments = behind_first_word(at_);
  switch (kind) {
  case Directive::data:
    add(StatementKind::data, at_.size());
    return;
  case Directive::align:
    add(StatementKind::align, at_.size());
    return;
  case Directive::cfi:
    cfi(word, arguments);
    return;
  case Directive::file:
    if (arguments.starts_with('"') && unit_.source.empty())
      unit_.source = arguments.substr(1, arguments.size() - 2);
    return;
  case Directive::ignored:
  case Directive::cfi_sections:
    return;
  case Directive::end:
  case Directive::unsupported:
    throw unsupported(word);
  default:
    break;
  }
  if (kind >= Directive::section)
    section_directive(kind, word, arguments);
  else
    symbol_directive(kind, word, arguments);
}

void Parser::cfi(std::string_view word, std::string_view arguments) {
  if (word == ".cfi_lsda") {
    next_argument(arguments);
    if (!arguments.empty())
      unit_.symbol(name_argument(arguments)).lsda = true;
  }
  add(StatementKind::cfi, at_.size());
}

void Parser::symbol_directive(Directive kind, std::string_view word, std::string_view arguments) {
  switch (kind) {
  case Directive::global:
    for_each_name(arguments, [](Symbol &symbol) { symbol.global = true; });
    return;
  case Directive::weak:
    for_each_name(arguments, [](Symbol &symbol) { symbol.weak = true; });
    return;
  case Directive::hidden:
    for_each_name(arguments, [](Symbol &symbol) { symbol.hidden = true; });
    return;
  case Directive::local:
    for_each_name(arguments, [](Symbol &symbol) { symbol.local_common = true; });
    return;
  case Directive::type:
    set_type(arguments);
    return;
  case Directive::size:
    add(StatementKind::end, name_argument(arguments));
    return;
  case Directive::common:
  case Directive::local_common:
    common(kind, arguments);
    return;
  case Directive::set: {
    SymId name = name_argument(arguments);
    alias(name, arguments);
    return;
  }
  case Directive::weakref: {
    SymId name = name_argument(arguments);
    unit_.symbol(name).weakref = true;
    alias(name, arguments);
    return;
  }
  case Directive::symver:
    unit_.symbol(name_argument(arguments)).versioned = true;
    return;
  default:
    throw unsupported(word);
  }
}

void Parser::set_type(std::string_view arguments) {
  SymId name = name_argument(arguments);
  std::string_view type = next_argument(arguments);
  Symbol &symbol = unit_.symbol(name);
  if (type.ends_with("gnu_indirect_function"))
    symbol.type = SymbolType::ifunc;
  else if (type.ends_with("function"))
    symbol.type = SymbolType::function;
  else if (type.ends_with("tls_object"))
    symbol.type = SymbolType::tls;
  else if (type.ends_with("object"))
    symbol.type = SymbolType::object;
}

void Parser::common(Directive kind, std::string_view arguments) {
  SymId name = name_argument(arguments);
  Symbol &symbol = unit_.symbol(name);
  if (kind == Directive::local_common)
    symbol.local_common = true;
  if (!symbol.local_common)
    symbol.global = true;
  add(StatementKind::common, name);
}

uint32_t Parser::section_index(std::string_view arguments) {
  std::string_view whole = arguments;
  Section section = describe_section(arguments);
  // Groups share names, so the group is part of the key; so is clang's `unique`.
  bool distinct = section.comdat || whole.find(",unique,") != std::string_view::npos;
  auto [found, added] = section_by_key_.try_emplace(distinct ? whole : section.name,
                                                    static_cast<uint32_t>(unit_.sections.size()));
  if (added)
    unit_.sections.push_back(section);
  return found->second;
}

void Parser::enter(uint32_t section) {
  place_.previous = place_.current;
  place_.current = section;
}

void Parser::section_directive(Directive kind, std::string_view word, std::string_view arguments) {
  switch (kind) {
  case Directive::section:
    enter(section_index(arguments));
    break;
  case Directive::named_section:
  case Directive::subsection:
    // A subsection only orders the parts of one section in the object.
    if (!arguments.empty() && arguments != "0")
      throw unsupported(word);
    if (kind == Directive::named_section)
      enter(section_index(word));
    break;
  case Directive::push_section:
    stack_.push_back(place_);
    enter(section_index(arguments));
    break;
  case Directive::pop_section:
    if (stack_.empty())
      throw error(ExitCode::bad_input, "{}: .popsection without .pushsection",
                  unit_.where(offset()));
    place_ = stack_.back();
    stack_.pop_back();
    break;
  case Directive::previous:
    std::swap(place_.current, place_.previous);
    break;
  default:
    throw unsupported(word);
  }
  add(StatementKind::section, place_.current);
}

} // namespace

void parse(Unit &unit) {
  Parser(unit).run();
}

} // namespace care::gensrc
