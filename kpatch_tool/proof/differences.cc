// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/differences.h"

#include <algorithm>

#include "lib/x86/decoder.h"

namespace care::tool {

namespace {

constexpr size_t kShownBytes = 16;
// Where no symbol says what belongs together: one difference for so many bytes.
constexpr uint64_t kNamelessPiece = 256;

std::string hex_bytes(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes.substr(0, kShownBytes))
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

// Where the instruction begins that holds `offset`, decoding from `start` on.
uint64_t instruction_at(std::string_view code, uint64_t start, uint64_t offset) {
  for (uint64_t at = start; at < offset;) {
    std::optional<Instruction> instruction = decode(code.substr(at));
    uint64_t next = at + (instruction ? instruction->length : 1);
    if (next > offset)
      return at;
    at = next;
  }
  return offset;
}

DifferenceSide code_side(const ElfSection &section, uint64_t offset) {
  if (offset >= section.bytes.size())
    return {};
  std::string_view code = section.bytes.substr(offset);
  std::optional<Instruction> instruction = decode(code);
  return {hex_bytes(code.substr(0, instruction ? instruction->length : 1)),
          instruction_text(code, section.addr.value + offset)};
}

// The first words of .comment name the compiler; stripped files often have none.
std::string compiler_of(const ElfFile &elf) {
  const ElfSection *comment = elf.find(".comment");
  return comment ? std::string(comment->bytes.substr(0, comment->bytes.find('\0'))) : "";
}

} // namespace

std::string Difference::headline() const {
  std::string place;
  if (!section.empty())
    place = fmt::format("{}+{:#x}", section, offset);
  if (!symbol.empty())
    place += fmt::format(" ({}+{:#x})", symbol, symbol_offset);
  return place.empty() ? what : place + ": " + what;
}

std::string Difference::text() const {
  std::string text = headline();
  if (!relocation.empty())
    text += "\n    relocation  " + relocation;
  auto side = [&](const char *name, const DifferenceSide &s) {
    if (!s.bytes.empty())
      text += s.instruction.empty()
                  ? fmt::format("\n    {:<11} {}", name, s.bytes)
                  : fmt::format("\n    {:<11} {:<30} {}", name, s.bytes, s.instruction);
  };
  side("rebuilt", ours);
  side("target", theirs);
  return text;
}

void Differences::add(const std::string &what) {
  Difference difference;
  difference.what = what;
  placed_ = false;
  list_.push_back(std::move(difference));
}

LinkAddr Differences::add(LinkAddr place, const std::string &what, unsigned width,
                          const std::string &relocation, std::optional<LinkAddr> theirs) {
  const LinkedFile &file = pair_.instrumented;
  Difference difference;
  difference.what = what;
  difference.relocation = relocation;
  const ElfSection *section = file.elf.at(place);
  if (section) {
    difference.section = section->name;
    difference.offset = place.value - section->addr.value;
  }
  LinkAddr known = place + std::max<uint64_t>(kShownBytes, width);
  LinkRange range{place, known};
  if (const ElfSymbol *symbol = file.symbol_around(place);
      symbol && section && symbol->section == section->index &&
      (symbol->size == 0 || place < symbol->value + symbol->size)) {
    difference.symbol = symbol->name;
    difference.symbol_offset = place.value - symbol->value.value;
    difference.function = section->flags & SHF_EXECINSTR;
    if (symbol->size != 0)
      known = symbol->value + symbol->size;
    range = {symbol->value, known};
  }
  placed_ = placed_ && section != nullptr;
  ranges_.push_back({range, !difference.symbol.empty(), difference});
  // A file full of differences is told by its first ones.
  std::string owner = difference.symbol.empty()
                          ? fmt::format("+{:#x}", difference.offset / kNamelessPiece)
                          : difference.symbol;
  if (!seen_.emplace(difference.section, owner).second)
    return known;
  functions_ += difference.function;
  if (section && width > 0) {
    const ElfSection *other = pair_.counterpart(*section);
    if (other && !theirs)
      theirs = other->addr + difference.offset;
    if (theirs)
      show_sides(difference, place, *theirs, width);
  }
  list_.push_back(std::move(difference));
  return known;
}

void Differences::show_sides(Difference &difference, LinkAddr place, LinkAddr theirs,
                             unsigned width) const {
  const ElfSection &our_section = *pair_.instrumented.elf.at(place);
  const ElfSection *their_section = pair_.target.elf.at(theirs);
  if (!their_section || their_section->nobits())
    return;
  uint64_t offset = place.value - our_section.addr.value;
  uint64_t their_offset = theirs.value - their_section->addr.value;
  if (our_section.flags & SHF_EXECINSTR) {
    // Up to here both have the same instructions.
    uint64_t begin = instruction_at(our_section.bytes, offset - difference.symbol_offset, offset);
    difference.ours = code_side(our_section, begin);
    if (offset - begin <= their_offset)
      difference.theirs = code_side(*their_section, their_offset - (offset - begin));
    return;
  }
  if (offset <= our_section.bytes.size() && their_offset <= their_section->bytes.size()) {
    difference.ours.bytes = hex_bytes(our_section.bytes.substr(offset, width));
    difference.theirs.bytes = hex_bytes(their_section->bytes.substr(their_offset, width));
  }
}

std::string Differences::hint() const {
  std::string hint = "the target must come from the same source, compiler and options as the "
                     "original stage of the build";
  std::string ours = compiler_of(pair_.instrumented.elf);
  std::string theirs = compiler_of(pair_.target.elf);
  if (!ours.empty() && !theirs.empty() && ours != theirs)
    hint += fmt::format("; it was compiled by {}, this build by {}", theirs, ours);
  return hint;
}

Error Differences::error(size_t shown) const {
  std::string text = fmt::format("{} does not have the layout of {}: ", pair_.target.elf.path(),
                                 pair_.instrumented.elf.path());
  if (list_.size() > 1)
    text += fmt::format("{} differences, in {} function{}; first: ", list_.size(), functions_,
                        functions_ == 1 ? "" : "s");
  for (size_t i = 0; i < std::min(shown, list_.size()); i++)
    text += (i == 0 ? "" : "\n  ") + list_[i].text();
  if (list_.size() > shown)
    text += fmt::format("\n  and {} more", list_.size() - shown);
  return care::error(ExitCode::does_not_fit, "{}", text).with_hint(hint());
}

} // namespace care::tool
