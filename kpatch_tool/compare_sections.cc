// SPDX-License-Identifier: GPL-2.0-or-later
//
// The layout proof, section by section. The instrumented link is the one that
// knows: its relocation says what a value is, and from that follows what the
// target must hold at the same place. Nothing is guessed from the target alone.
#include <algorithm>
#include <cstring>

#include "kpatch_tool/layout_proof.h"

namespace care {

namespace {

std::string hex_bytes(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

class SectionComparison {
 public:
  SectionComparison(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs,
                    LayoutProof &proof)
      : pair_(pair), ours_(ours), theirs_(theirs), proof_(proof) {}

  void run() {
    compare_headers();
    if (ours_.nobits())
      return;
    for (const ElfRelocation &r : sorted_relocations(pair_.instrumented, ours_)) {
      Reference ref = decode_reference(pair_.instrumented, ours_, r);
      if (ref.kind != Reference::Kind::address && ref.kind != Reference::Kind::dynamic)
        continue; // constants and unknown ones: their bytes must be equal
      uint64_t offset = ref.place - ours_.addr;
      if (offset < done_)
        continue; // a second relocation of the same place
      compare_bytes(offset);
      if (ref.kind == Reference::Kind::address)
        compare_address(ref);
      else
        compare_dynamic_place(ref);
      done_ = offset + ref.width;
      proof_.relocations++;
    }
    compare_bytes(ours_.size);
    proof_.bytes += ours_.size;
  }

 private:
  void compare_headers() {
    constexpr uint64_t kFlags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR | SHF_TLS;
    if ((ours_.flags & kFlags) != (theirs_.flags & kFlags) || ours_.nobits() != theirs_.nobits())
      throw pair_.differs(ours_.addr, "section flags or type differ");
    if (ours_.size != theirs_.size && !only_padding_differs())
      throw pair_.differs(ours_.addr, fmt::format("section {} has {:#x} bytes, in the target {:#x}",
                                                  ours_.name, ours_.size, theirs_.size));
    if (ours_.tls() && ours_.align != theirs_.align)
      throw pair_.differs(ours_.addr, "alignment of thread-local storage differs");
  }

  // ld ends .bss at a multiple of 8 of the address, wherever it begins.
  bool only_padding_differs() const {
    if (!ours_.nobits() || ours_.tls())
      return false;
    uint64_t used = 0;
    for (const ElfSymbol &s : pair_.instrumented.symbols)
      if (s.section == ours_.index && s.size > 0)
        used = std::max<uint64_t>(used, s.value.value + s.size - ours_.addr.value);
    uint64_t smaller = std::min(ours_.size, theirs_.size);
    return used <= smaller && std::max(ours_.size, theirs_.size) - smaller < 8;
  }

  // Everything from done_ up to `end` is equal byte by byte.
  void compare_bytes(uint64_t end) {
    std::string_view ours = ours_.bytes.substr(done_, end - done_);
    std::string_view theirs = theirs_.bytes.substr(done_, end - done_);
    if (ours == theirs)
      return;
    size_t at = std::mismatch(ours.begin(), ours.end(), theirs.begin()).first - ours.begin();
    throw pair_.differs(ours_.addr + done_ + at,
                        fmt::format("bytes {}, in the target {}", hex_bytes(ours.substr(at, 8)),
                                    hex_bytes(theirs.substr(at, 8))));
  }

  LinkAddr their_base(const Reference &ref) const {
    uint64_t offset = ref.place - ours_.addr;
    uint64_t value = ref.width == 8 ? load_at<uint64_t>(theirs_.bytes, offset)
                     : ref.type == R_X86_64_32
                         ? load_at<uint32_t>(theirs_.bytes, offset)
                         : static_cast<uint64_t>(int64_t{load_at<int32_t>(theirs_.bytes, offset)});
    uint64_t from = ref.pc_relative ? theirs_.addr.value + offset : 0;
    return LinkAddr(from + value - static_cast<uint64_t>(ref.addend));
  }

  void compare_address(const Reference &ref) {
    LinkAddr theirs = their_base(ref);
    if (!ref.section) {
      if (theirs != ref.base && !border_of_same_sections(ref.base, theirs))
        throw reference_differs(ref, fmt::format("{}", ref.base), fmt::format("{}", theirs));
    } else if (is_plt(*ref.section)) {
      compare_meanings(ref, meaning_of_stub(pair_.instrumented, ref.base),
                       meaning_of_stub(pair_.target, theirs), theirs);
    } else if (is_got(*ref.section) && ref.base != ref.section->addr) {
      const ElfSection *got = pair_.target.elf.at(theirs);
      std::optional<Meaning> slot;
      if (got && is_got(*got))
        slot = meaning_of_slot(pair_.target, theirs);
      compare_meanings(ref, meaning_of_slot(pair_.instrumented, ref.base), slot, theirs);
    } else if (is_got(*ref.section)) {
      compare_got_start(ref, theirs);
    } else if (!same_place(*ref.section, ref.base, theirs)) {
      throw reference_differs(ref, pair_.instrumented.describe(ref.base),
                              pair_.target.describe(theirs));
    }
  }

  // The first slot, or _GLOBAL_OFFSET_TABLE_.
  void compare_got_start(const Reference &ref, LinkAddr theirs) {
    const ElfSection *other = pair_.counterpart(*ref.section);
    if (other && other->addr == theirs && ref.symbol->name == "_GLOBAL_OFFSET_TABLE_")
      return;
    const ElfSection *got = pair_.target.elf.at(theirs);
    std::optional<Meaning> slot;
    if (got && is_got(*got))
      slot = meaning_of_slot(pair_.target, theirs);
    compare_meanings(ref, meaning_of_slot(pair_.instrumented, ref.base), slot, theirs);
  }

  bool same_place(const ElfSection &section, LinkAddr ours, LinkAddr theirs) const {
    const ElfSection *other = pair_.counterpart(section);
    if (other && other->addr + (ours.value - section.addr.value) == theirs &&
        !(is_synthetic(section) && ours != section.addr))
      return true;
    return border_of_same_sections(ours, theirs);
  }

  // Symbols that the linker script defines (_end, __TMC_END__, __bss_start) lie
  // between sections, and .kpatch.data or .kpatch.bss may have come between.
  bool border_of_same_sections(LinkAddr ours, LinkAddr theirs) const {
    if (ours == theirs && in_headers(pair_.instrumented.elf, ours) &&
        in_headers(pair_.target.elf, theirs))
      return true;
    if (!is_border(pair_.instrumented.elf, ours) || !is_border(pair_.target.elf, theirs))
      return false;
    for (const ElfSection &s : pair_.instrumented.elf.sections()) {
      const ElfSection *other = s.alloc() && !is_patch_section(s) ? pair_.counterpart(s) : nullptr;
      if (!other)
        continue;
      if (s.range().begin == ours && other->range().begin == theirs)
        return true;
      if (just_behind(s, ours) && just_behind(*other, theirs))
        return true;
    }
    return false;
  }

  // In front of all sections: __ehdr_start, __executable_start.
  static bool in_headers(const ElfFile &elf, LinkAddr addr) {
    return std::none_of(elf.sections().begin(), elf.sections().end(),
                        [&](const ElfSection &s) { return s.alloc() && s.range().begin <= addr; });
  }

  // Inside no original section.
  static bool is_border(const ElfFile &elf, LinkAddr addr) {
    const ElfSection *s = elf.at(addr);
    return !s || s->addr == addr || is_patch_section(*s);
  }

  // At its end, or up to the next alignment of what follows.
  static bool just_behind(const ElfSection &section, LinkAddr addr) {
    return section.range().end <= addr && addr - section.range().end < 64;
  }

  void compare_meanings(const Reference &ref, const std::optional<Meaning> &ours,
                        const std::optional<Meaning> &theirs, LinkAddr their_address) const {
    if (ours && theirs && *ours == *theirs)
      return;
    throw reference_differs(ref, ours ? ours->text() : pair_.instrumented.describe(ref.base),
                            theirs ? theirs->text() : pair_.target.describe(their_address));
  }

  void compare_dynamic_place(const Reference &ref) {
    LinkAddr their_place = theirs_.addr + (ref.place - ours_.addr);
    const DynamicRelocation *theirs = pair_.target.dynamic.at(their_place);
    Meaning our_meaning = meaning_of_relocation(pair_.instrumented, *ref.fill);
    if (!theirs || theirs->type != ref.fill->type)
      throw reference_differs(ref, our_meaning.text(),
                              theirs ? relocation_text(*theirs) : "no dynamic relocation");
    bool same;
    if (theirs->type == R_X86_64_RELATIVE && ref.section)
      same = same_place(*ref.section, ref.base,
                        LinkAddr(static_cast<uint64_t>(theirs->addend - ref.addend)));
    else
      same = our_meaning == meaning_of_relocation(pair_.target, *theirs);
    if (!same)
      throw reference_differs(ref, our_meaning.text(), relocation_text(*theirs));
  }

  std::string relocation_text(const DynamicRelocation &r) const {
    return meaning_of_relocation(pair_.target, r).text();
  }

  Error reference_differs(const Reference &ref, const std::string &ours,
                          const std::string &theirs) const {
    return pair_.differs(ref.place, fmt::format("refers to {} ({}), in the target to {}",
                                                ref.name(pair_.instrumented), ours, theirs));
  }

  const LinkPair &pair_;
  const ElfSection &ours_;
  const ElfSection &theirs_;
  LayoutProof &proof_;
  uint64_t done_ = 0;
};

std::string reason_to_skip(const ElfSection &section) {
  if (section.type == SHT_NOTE)
    return "notes name the build, not the code";
  if (is_plt(section) || is_got(section))
    return "compared through what refers to it";
  if (section.name.starts_with(".eh_frame"))
    return "compared function by function";
  return "made by the linker; compared by meaning";
}

} // namespace

void compare_sections(const LinkPair &pair, LayoutProof &proof) {
  for (const ElfSection &s : pair.instrumented.elf.sections()) {
    if (!s.alloc() || is_patch_section(s))
      continue;
    if (is_synthetic(s)) {
      proof.skipped.push_back({std::string(s.name), reason_to_skip(s)});
      continue;
    }
    const ElfSection *other = pair.counterpart(s);
    if (!other && s.size == 0)
      continue; // --emit-relocs keeps empty sections
    if (!other)
      throw pair.differs(s.addr, fmt::format("the target has no section {}", s.name));
    SectionComparison(pair, s, *other, proof).run();
    proof.sections++;
  }
  for (const ElfSection &s : pair.target.elf.sections())
    if (s.alloc() && s.size > 0 && !is_synthetic(s) && !pair.instrumented.elf.find(s.name))
      throw error(ExitCode::does_not_fit, "{}: section {} is not in {}", pair.target.elf.path(),
                  s.name, pair.instrumented.elf.path());
}

} // namespace care
