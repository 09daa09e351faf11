// SPDX-License-Identifier: GPL-2.0-or-later
//
// How an instruction is made to go through the global offset table, cheapest
// way first:
//
//   movl x+4(%rip), %eax     movq x@GOTPCREL(%rip), %rax
//                            movl 4(%rax), %eax              the destination serves
//   leaq x(%rip), %rdi       movq x@GOTPCREL(%rip), %rdi
//   movl $x, %edi            movq x@GOTPCREL(%rip), %rdi     (the address needs 64 bits)
//   cmpq $x, %rax            cmpq x@GOTPCREL(%rip), %rax
//   call *x(%rip)            through %r11, which no call keeps or passes anything in
//
// Any other instruction borrows a register that it does not use. It is saved below
// the red zone (psABI 3.2.2: 128 bytes under %rsp belong to a leaf function), with
// instructions that leave the flags alone:
//
//   leaq -128(%rsp), %rsp ; pushq %r11 ; movq x@GOTPCREL(%rip), %r11
//   addl %eax, 4(%r11)
//   popq %r11 ; leaq 128(%rsp), %rsp
//
// Operands relative to %rsp are moved by the 136 bytes in between. Where both the
// immediate and the memory operand are foreign (movq $f, hook(%rip)), this is done
// twice, one inside the other.
#include "kpatch_gensrc/emit/extern_access.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/asm/registers.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

constexpr int kRedZone = 128;
constexpr int kSaved = kRedZone + 8; // the red zone and one pushed register

struct Instruction {
  std::string prefixes; // "lock ", may be empty
  std::string_view mnemonic;
  std::vector<std::string> operands;
  size_t foreign = 0;    // index of the operand that is dealt with
  size_t foreigners = 0; // how many there are
  std::string symbol;    // of that operand
};

// A memory operand: [*][%seg:]DISPLACEMENT[(BASE,INDEX,SCALE)], the symbol taken
// out of the displacement.
struct Memory {
  std::string before; // "*", "%gs:"
  std::string offset; // what is added to the symbol: "", "+4", "-8+16"
  std::string base;
  std::string index;
  std::string scale;
};

// `text` without `symbol`; what is left must be something that is added.
std::string offset_of(std::string_view text, std::string_view symbol) {
  SymbolSpan span = next_symbol(text, 0);
  while (span.length != 0 && text.substr(span.begin, span.length) != symbol)
    span = next_symbol(text, span.begin + span.length);
  size_t end = span.begin + span.length;
  std::string_view left = text.substr(0, span.begin);
  std::string rest(text.substr(end));
  bool other = next_symbol(rest, 0).length != 0;
  if (!left.empty() && left.back() == '+') // 4+x
    rest += "+" + std::string(left.substr(0, left.size() - 1));
  else if (!left.empty())
    other = true;
  if (other || span.length == 0 || (!rest.empty() && rest[0] != '+' && rest[0] != '-'))
    throw error(ExitCode::unsupported, "cannot rewrite the expression {}", text);
  return rest;
}

// "+4" -> "4", for where a displacement begins.
std::string leading(const std::string &offset) {
  return offset.starts_with('+') ? offset.substr(1) : offset;
}

// `segment`: the value may count from the base of a segment.
Memory parse_memory(std::string_view operand, std::string_view symbol, bool segment) {
  Memory memory;
  if (operand.starts_with('*')) {
    memory.before = "*";
    operand.remove_prefix(1);
  }
  size_t colon = operand.find(':');
  if (operand.starts_with('%') && colon != std::string_view::npos) {
    if (!segment)
      throw error(ExitCode::unsupported, "cannot rewrite a segment access to {}", symbol);
    memory.before += operand.substr(0, colon + 1);
    operand.remove_prefix(colon + 1);
  }
  // The brackets of the address are the last ones.
  size_t bracket = operand.back() == ')' ? operand.rfind('(') : std::string_view::npos;
  memory.offset = offset_of(operand.substr(0, bracket), symbol);
  if (bracket == std::string_view::npos)
    return memory;
  std::string_view inside = operand.substr(bracket + 1, operand.size() - bracket - 2);
  memory.base = next_argument(inside);
  memory.index = next_argument(inside);
  memory.scale = next_argument(inside);
  if (memory.base == "%rip")
    memory.base.clear();
  return memory;
}

class Rewriter {
 public:
  Rewriter(std::string_view instruction, const ValueSlots &slots, bool adjust_cfa);
  std::string run();

 private:
  bool foreign_is_immediate() const { return now_.operands[now_.foreign].starts_with('$'); }
  bool is(std::string_view mnemonic) const {
    return now_.mnemonic == mnemonic || now_.mnemonic == std::string(mnemonic) + "q";
  }
  void line(const std::string &text) { out_ += '\t' + text + '\n'; }
  void cfa(int bytes);
  void load_address(std::string_view reg) { line(fmt::format("movq\t{}, {}", slot(), reg)); }
  const std::string &slot() const { return slots_.at(now_.symbol); }
  // An address in the global offset table is whole.
  bool in_segment() const { return slot().find("@GOT") == std::string::npos; }
  std::string with_operand(const std::string &operand, bool shift_stack) const;
  std::string address_by(std::string_view reg, const Memory &memory);
  std::string shifted(const std::string &operand) const;
  std::string scratch() const;
  bool immediate_in_place();
  bool immediate_to_register(const std::string &offset);
  bool through_destination(const Memory &memory);
  bool branch(const Memory &memory);
  void push();
  void borrow();
  void check_stack_pointer() const;

  void find_foreign();
  void finish_borrowed(const std::string &statement);

  Instruction now_;
  const ValueSlots &slots_;
  std::string text_;
  bool adjust_cfa_;
  std::string out_;
};

Rewriter::Rewriter(std::string_view instruction, const ValueSlots &slots, bool adjust_cfa)
    : slots_(slots), text_(instruction), adjust_cfa_(adjust_cfa) {
  std::string_view rest = text_;
  while (is_prefix_word(first_word(rest))) {
    now_.prefixes += std::string(first_word(rest)) + " ";
    rest = behind_first_word(rest);
  }
  now_.mnemonic = first_word(rest);
  rest = behind_first_word(rest);
  while (!rest.empty())
    now_.operands.emplace_back(next_argument(rest));
  find_foreign();
  bool absolute = now_.mnemonic.starts_with("movabs") && !foreign_is_immediate();
  if (now_.foreigners == 0 || absolute)
    throw error(ExitCode::unsupported, "cannot rewrite {}", text_);
}

// An immediate comes first: a register in its place leaves an ordinary access.
void Rewriter::find_foreign() {
  for (size_t i = 0; i < now_.operands.size(); i++) {
    const std::string &operand = now_.operands[i];
    for (SymbolSpan span = next_symbol(operand, 0); span.length != 0;
         span = next_symbol(operand, span.begin + span.length)) {
      std::string symbol = operand.substr(span.begin, span.length);
      bool direct =
          operand.size() == span.begin + span.length || operand[span.begin + span.length] != '@';
      if (!direct || !slots_.count(symbol))
        continue;
      if (now_.foreigners == 0 || operand.starts_with('$')) {
        now_.foreign = i;
        now_.symbol = symbol;
      }
      now_.foreigners++;
    }
  }
}

void Rewriter::cfa(int bytes) {
  if (adjust_cfa_)
    line(fmt::format(".cfi_adjust_cfa_offset {}", bytes));
}

// An operand relative to %rsp while %rsp is kSaved lower.
std::string Rewriter::shifted(const std::string &operand) const {
  size_t bracket = operand.rfind('(');
  if (operand.empty() || operand.back() != ')' || bracket == std::string::npos ||
      !mentions_register(operand.substr(bracket), "%rsp"))
    return operand;
  size_t number = operand.find_first_not_of('*');
  std::string displacement = operand.substr(number, bracket - number);
  return fmt::format("{}{}{}{}", operand.substr(0, number), kSaved,
                     displacement.empty() || displacement[0] == '-' ? displacement
                                                                    : "+" + displacement,
                     operand.substr(bracket));
}

std::string Rewriter::with_operand(const std::string &operand, bool shift_stack) const {
  std::string text = now_.prefixes + std::string(now_.mnemonic) + "\t";
  for (size_t i = 0; i < now_.operands.size(); i++) {
    if (i != 0)
      text += ", ";
    text += i == now_.foreign ? operand
            : shift_stack     ? shifted(now_.operands[i])
                              : now_.operands[i];
  }
  return text;
}

// The operand once `reg` holds the symbol's address; may need an instruction first.
std::string Rewriter::address_by(std::string_view reg, const Memory &memory) {
  std::string offset = leading(memory.offset);
  if (memory.base.empty() && memory.index.empty())
    return fmt::format("{}{}({})", memory.before, offset, reg);
  if (memory.base.empty())
    return fmt::format("{}{}({},{},{})", memory.before, offset, reg, memory.index,
                       memory.scale.empty() ? "1" : memory.scale);
  bool by_stack = memory.base == "%rsp";
  std::string more = by_stack ? fmt::format("{}{}", kSaved, memory.offset) : offset;
  if (memory.index.empty())
    return fmt::format("{}{}({},{},1)", memory.before, more, memory.base, reg);
  line(fmt::format("leaq\t{}({},{},1), {}", more, memory.base, reg, reg));
  return fmt::format("{}({},{},{})", memory.before, reg, memory.index,
                     memory.scale.empty() ? "1" : memory.scale);
}

// A register that the instruction neither names nor uses without naming it. %r8
// to %r15 are never implied; where no REX prefix can be, %rsi and the like are
// implied by string instructions only, which name no symbol.
std::string Rewriter::scratch() const {
  bool legacy = std::any_of(now_.operands.begin(), now_.operands.end(),
                            [](const std::string &operand) { return is_high_byte(operand); });
  static constexpr std::string_view kAny[] = {"%r11", "%r10", "%r9", "%r8"};
  static constexpr std::string_view kLegacy[] = {"%rsi", "%rdi", "%rbp"};
  auto is_free = [&](std::string_view reg) { return !mentions_register(text_, reg); };
  const std::string_view *begin = legacy ? std::begin(kLegacy) : std::begin(kAny);
  const std::string_view *end = legacy ? std::end(kLegacy) : std::end(kAny);
  const std::string_view *found = std::find_if(begin, end, is_free);
  if (found == end)
    throw error(ExitCode::unsupported, "no register is free for {}", text_);
  return std::string(*found);
}

// %rsp itself would be seen 136 bytes too low, or be lost.
void Rewriter::check_stack_pointer() const {
  static constexpr std::string_view kMovesStack[] = {"push", "pop",   "call",
                                                     "ret",  "enter", "leave"};
  bool moves = std::any_of(std::begin(kMovesStack), std::end(kMovesStack),
                           [&](std::string_view word) { return now_.mnemonic.starts_with(word); });
  bool names = std::any_of(now_.operands.begin(), now_.operands.end(),
                           [](const std::string &o) { return whole_register(o) == "%rsp"; });
  if ((moves && !now_.mnemonic.starts_with("popcnt")) || names)
    throw error(ExitCode::unsupported, "cannot reach {} from {}", now_.symbol, text_)
        .with_hint("keep the stack pointer out of this statement, or load the address first");
}

// An immediate that the instruction can take from the table instead.
bool Rewriter::immediate_in_place() {
  static constexpr std::string_view kTakesMemory[] = {"cmp", "add", "sub", "and", "or",
                                                      "xor", "adc", "sbb", "test"};
  if (now_.operands.size() != 2 || register_bits(now_.operands[1]) != 64)
    return false;
  if (std::none_of(std::begin(kTakesMemory), std::end(kTakesMemory),
                   [&](std::string_view word) { return is(word); }))
    return false;
  line(with_operand(slot(), false));
  return true;
}

// mov $x+4, %reg
bool Rewriter::immediate_to_register(const std::string &offset) {
  bool moves = is("mov") || now_.mnemonic == "movl" || is("movabs");
  std::string_view reg =
      now_.operands.size() == 2 ? whole_register(now_.operands[1]) : std::string_view();
  if (!moves || reg.empty() || register_bits(now_.operands[1]) < 32)
    return false;
  load_address(reg);
  if (!offset.empty())
    line(fmt::format("leaq\t{}({}), {}", leading(offset), reg, reg));
  return true;
}

// A load that overwrites its destination anyway.
bool Rewriter::through_destination(const Memory &memory) {
  if (now_.operands.size() != 2 || now_.foreign != 0 || !now_.prefixes.empty())
    return false;
  std::string_view reg = whole_register(now_.operands[1]);
  bool lea = is("lea") || now_.mnemonic == "leal" || now_.mnemonic == "leaw";
  static constexpr std::string_view kLoads[] = {
      "mov",    "movq",   "movl",   "movzbl", "movzbq", "movzwl", "movzwq", "movsbl", "movsbq",
      "movswl", "movswq", "movslq", "movzb",  "movsx",  "movzx",  "movsxd", "movabs", "movabsq"};
  bool load =
      lea || std::find(std::begin(kLoads), std::end(kLoads), now_.mnemonic) != std::end(kLoads);
  // A byte or word destination keeps the rest of its register.
  if (!load || reg.empty() || reg == "%rsp" || register_bits(now_.operands[1]) < 32)
    return false;
  if (lea && register_bits(now_.operands[1]) != 64)
    throw error(ExitCode::unsupported, "{} keeps only 32 bits of an address", text_);
  if (memory.base == "%rsp" || whole_register(memory.base) == reg ||
      whole_register(memory.index) == reg)
    return false;
  load_address(reg);
  std::string address = address_by(reg, memory);
  if (!lea || address != fmt::format("({})", reg))
    line(with_operand(address, false));
  return true;
}

bool Rewriter::branch(const Memory &memory) {
  if (!memory.before.starts_with('*'))
    return false;
  if (mentions_register(text_, "%r11") || memory.base == "%rsp")
    throw error(ExitCode::unsupported, "no register is free for {}", text_);
  load_address("%r11");
  line(with_operand(address_by("%r11", memory), false));
  return true;
}

// pushq x(%rip) and pushq $x. The slot is made first, filled last.
void Rewriter::push() {
  const std::string &operand = now_.operands[0];
  bool immediate = foreign_is_immediate();
  std::string offset = immediate ? offset_of(operand.substr(1), now_.symbol) : std::string();
  if (immediate && offset.empty()) {
    line("pushq\t" + slot());
    return;
  }
  Memory memory = immediate ? Memory() : parse_memory(operand, now_.symbol, in_segment());
  std::string reg = scratch();
  line(fmt::format("leaq\t-{}(%rsp), %rsp", kSaved));
  cfa(kSaved);
  line("pushq\t" + reg);
  cfa(8);
  load_address(reg);
  if (memory.base == "%rsp")
    throw error(ExitCode::unsupported, "cannot reach {} from {}", now_.symbol, text_);
  std::string address =
      immediate ? fmt::format("{}({})", leading(offset), reg) : address_by(reg, memory);
  line(fmt::format("{}\t{}, {}", immediate ? "leaq" : "movq", address, reg));
  line(fmt::format("movq\t{}, {}(%rsp)", reg, kSaved));
  line("popq\t" + reg);
  cfa(-8);
  // The directive behind the original instruction accounts for its own 8 bytes.
  line(fmt::format("leaq\t{}(%rsp), %rsp", kRedZone));
  cfa(-kSaved);
}

// The instruction itself, which may have another foreign operand.
void Rewriter::finish_borrowed(const std::string &statement) {
  if (now_.foreigners > 1)
    out_ += Rewriter(statement, slots_, adjust_cfa_).run();
  else
    line(statement);
}

void Rewriter::borrow() {
  check_stack_pointer();
  std::string reg = scratch();
  line(fmt::format("leaq\t-{}(%rsp), %rsp", kRedZone));
  cfa(kRedZone);
  line("pushq\t" + reg);
  cfa(8);
  load_address(reg);
  if (foreign_is_immediate()) {
    std::string_view last = now_.mnemonic.substr(now_.mnemonic.size() - 1);
    bool wide = last == "q" || (now_.operands.size() == 2 && register_bits(now_.operands[1]) == 64);
    if (!wide || now_.operands.size() != 2)
      throw error(ExitCode::unsupported, "{} keeps only 32 bits of an address", text_);
    std::string offset = offset_of(now_.operands[now_.foreign].substr(1), now_.symbol);
    if (!offset.empty())
      line(fmt::format("leaq\t{}({}), {}", leading(offset), reg, reg));
    finish_borrowed(with_operand(reg, true));
  } else {
    Memory memory = parse_memory(now_.operands[now_.foreign], now_.symbol, in_segment());
    std::string address = address_by(reg, memory);
    finish_borrowed(with_operand(address, true));
  }
  line("popq\t" + reg);
  cfa(-8);
  line(fmt::format("leaq\t{}(%rsp), %rsp", kRedZone));
  cfa(-kRedZone);
}

std::string Rewriter::run() {
  if (is("push")) {
    push();
    return out_;
  }
  if (foreign_is_immediate()) {
    std::string offset = offset_of(now_.operands[now_.foreign].substr(1), now_.symbol);
    if (immediate_to_register(offset) || (offset.empty() && immediate_in_place()))
      return out_;
  } else {
    Memory memory = parse_memory(now_.operands[now_.foreign], now_.symbol, in_segment());
    if (branch(memory) || through_destination(memory))
      return out_;
  }
  borrow();
  return out_;
}

} // namespace

std::string load_values(std::string_view instruction, const ValueSlots &slots, bool adjust_cfa) {
  return Rewriter(instruction, slots, adjust_cfa).run();
}

} // namespace care::gensrc
