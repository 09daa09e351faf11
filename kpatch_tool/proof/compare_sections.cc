// SPDX-License-Identifier: GPL-2.0-or-later
//
// The layout proof, section by section. The relocations of the instrumented link say what
// a value is, and from that follows what the target must hold at the same place. Nothing
// is guessed from the target alone.
#include <algorithm>
#include <cstring>

#include "kpatch_tool/proof/layout_proof.h"
#include "lib/patchfile/patch_file.h"

namespace care::tool {

namespace {

constexpr unsigned kShownWidth = 8;

// relocation_name() knows those of a .kpatch file only.
std::string full_relocation_name(uint32_t type) {
  switch (type) {
  case R_X86_64_GOTPCREL:
    return "R_X86_64_GOTPCREL";
  case R_X86_64_GOTPCRELX:
    return "R_X86_64_GOTPCRELX";
  case R_X86_64_REX_GOTPCRELX:
    return "R_X86_64_REX_GOTPCRELX";
  case R_X86_64_GOTTPOFF:
    return "R_X86_64_GOTTPOFF";
  case R_X86_64_TLSGD:
    return "R_X86_64_TLSGD";
  case R_X86_64_TLSLD:
    return "R_X86_64_TLSLD";
  default:
    return relocation_name(type);
  }
}

class SectionComparison {
 public:
  SectionComparison(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs,
                    LayoutProof &proof)
      : pair_(pair), ours_(ours), theirs_(theirs), proof_(proof) {}

  // False when sections of such a kind and size are not the same section.
  bool same_kind() {
    constexpr uint64_t kFlags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR | SHF_TLS;
    std::string what;
    if ((ours_.flags & kFlags) != (theirs_.flags & kFlags) || ours_.nobits() != theirs_.nobits())
      what = fmt::format("flags or type of section {} differ", ours_.name);
    else if (ours_.size != theirs_.size && !only_padding_differs() && !only_copies_differ())
      what = fmt::format("section {} has {:#x} bytes, in the target {:#x}", ours_.name, ours_.size,
                         theirs_.size);
    else if (ours_.tls() && ours_.align != theirs_.align)
      what = fmt::format("alignment of thread-local storage ({}) differs", ours_.name);
    else if (ours_.flags & SHF_EXECINSTR && functions_moved(pair_, ours_, theirs_))
      what = fmt::format("functions of section {} begin elsewhere in the target", ours_.name);
    else
      return true;
    proof_.differences.add(what);
    return false;
  }

  void compare() {
    if (!ours_.nobits())
      walk(sorted_relocations(pair_.instrumented, ours_), std::min(ours_.size, theirs_.size));
  }

  // Of sections of different size: where they part.
  void show_parting() {
    if (ours_.nobits() || theirs_.nobits())
      return;
    first_only_ = true;
    walk(sorted_relocations(pair_.instrumented, ours_), std::min(ours_.size, theirs_.size));
  }

 private:
  void walk(const std::vector<ElfRelocation> &relocations, uint64_t size) {
    for (const ElfRelocation &r : relocations) {
      Reference ref = decode_reference(pair_.instrumented, ours_, r);
      uint64_t offset = ref.place - ours_.addr;
      if (ref.kind != Reference::Kind::address && ref.kind != Reference::Kind::dynamic)
        continue; // constants and unknown ones: their bytes must be equal
      if (offset < done_)
        continue; // a second relocation of the same place
      if (offset + ref.width > size || !compare_bytes(offset))
        break;
      if (first_only_)
        ; // what is referred to has moved, too
      else if (ref.kind == Reference::Kind::address)
        compare_address(ref);
      else
        compare_dynamic_place(ref);
      done_ = offset + ref.width;
      proof_.relocations++;
    }
    if (!first_only_ || !parted_)
      compare_bytes(size);
    proof_.bytes += size;
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

  // The first place into which ld.so copies a library's variable, or the section's end.
  static LinkAddr first_copy(const LinkedFile &file, const ElfSection &section) {
    LinkAddr first = section.range().end;
    for (const auto &[place, r] : file.dynamic.relocations())
      if (r.type == R_X86_64_COPY && section.range().contains(place))
        first = std::min(first, place);
    return first;
  }

  // ld puts copies of a library's constants at the end of .data.rel.ro, aligned as the library
  // that it links with has them. In front of them nothing moves; where they lie elsewhere,
  // compare_dynamic.cc and each reference to them say so.
  bool only_copies_differ() const {
    LinkAddr ours = first_copy(pair_.instrumented, ours_);
    LinkAddr theirs = first_copy(pair_.target, theirs_);
    if (ours_.nobits() || ours_.tls() || ours_.flags & SHF_EXECINSTR || ours == ours_.range().end ||
        theirs == theirs_.range().end)
      return false;
    uint64_t equal = std::min(ours - ours_.addr, theirs - theirs_.addr);
    for (const ElfSymbol &s : pair_.instrumented.symbols)
      if (s.section == ours_.index && s.size > 0 && s.value < ours &&
          s.value.value + s.size - ours_.addr.value > equal)
        return false;
    return true;
  }

  // Everything from done_ up to `end`, byte by byte. False when that is all that is
  // wanted.
  bool compare_bytes(uint64_t end) {
    while (done_ < end) {
      std::string_view ours = ours_.bytes.substr(done_, end - done_);
      std::string_view theirs = theirs_.bytes.substr(done_, end - done_);
      size_t at = std::mismatch(ours.begin(), ours.end(), theirs.begin()).first - ours.begin();
      if (at == ours.size())
        break;
      LinkAddr place = ours_.addr + done_ + at;
      LinkAddr known = proof_.differences.add(place, "other bytes in the target", kShownWidth);
      if (first_only_) {
        parted_ = true;
        return false;
      }
      done_ = std::min<uint64_t>(end, known - ours_.addr);
    }
    done_ = end;
    return true;
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
        reference_differs(ref, fmt::format("{}", ref.base), fmt::format("{}", theirs));
    } else if (is_plt(*ref.section)) {
      compare_meanings(ref, meaning_of_stub(pair_.instrumented, ref.base),
                       meaning_of_stub(pair_.target, theirs), theirs);
    } else if (is_got(*ref.section) && ref.base != ref.section->addr) {
      const ElfSection *got = pair_.target.elf.at(theirs);
      std::optional<SlotValue> slot;
      if (got && is_got(*got))
        slot = meaning_of_slot(pair_.target, theirs);
      compare_meanings(ref, meaning_of_slot(pair_.instrumented, ref.base), slot, theirs);
    } else if (is_got(*ref.section)) {
      compare_got_start(ref, theirs);
    } else if (!same_place(*ref.section, ref.base, theirs) && !same_empty_section(ref, theirs)) {
      reference_differs(ref, pair_.instrumented.describe(ref.base), pair_.target.describe(theirs));
    }
  }

  // The first slot, or _GLOBAL_OFFSET_TABLE_.
  void compare_got_start(const Reference &ref, LinkAddr theirs) {
    const ElfSection *other = pair_.counterpart(*ref.section);
    if (other && other->addr == theirs && ref.symbol->name == "_GLOBAL_OFFSET_TABLE_")
      return;
    const ElfSection *got = pair_.target.elf.at(theirs);
    std::optional<SlotValue> slot;
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

  // An empty section that only --emit-relocs keeps, such as crtbegin.o's .tm_clone_table.
  // Nothing can be read there; what counts is that its begin is its end. The target's
  // next section may begin before the alignment that the dropped one asked for.
  bool same_empty_section(const Reference &ref, LinkAddr theirs) const {
    const ElfSection *empty = pair_.instrumented.elf.by_index(ref.symbol->section);
    if (!empty || empty->size != 0 || pair_.counterpart(*empty))
      return false;
    const auto &sections = pair_.instrumented.elf.sections();
    return std::any_of(sections.begin(), sections.end(), [&](const ElfSection &s) {
      const ElfSection *other = s.alloc() && !is_patch_section(s) ? pair_.counterpart(s) : nullptr;
      return other && just_behind(s, ref.base) &&
             other->range().end + (ref.base - s.range().end) == theirs;
    });
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

  void compare_meanings(const Reference &ref, const std::optional<SlotValue> &ours,
                        const std::optional<SlotValue> &theirs, LinkAddr their_address) const {
    if (ours && theirs && *ours == *theirs)
      return;
    reference_differs(ref, ours ? ours->text() : pair_.instrumented.describe(ref.base),
                      theirs ? theirs->text() : pair_.target.describe(their_address));
  }

  void compare_dynamic_place(const Reference &ref) {
    LinkAddr their_place = theirs_.addr + (ref.place - ours_.addr);
    const DynamicRelocation *theirs = pair_.target.dynamic.at(their_place);
    SlotValue our_meaning = meaning_of_relocation(pair_.instrumented, *ref.fill);
    if (!theirs || theirs->type != ref.fill->type) {
      reference_differs(ref, our_meaning.text(),
                        theirs ? relocation_text(*theirs) : "no dynamic relocation");
      return;
    }
    bool same;
    if (theirs->type == R_X86_64_RELATIVE && ref.section) {
      LinkAddr place(static_cast<uint64_t>(theirs->addend - ref.addend));
      same = same_place(*ref.section, ref.base, place) || same_empty_section(ref, place);
    } else
      same = our_meaning == meaning_of_relocation(pair_.target, *theirs);
    if (!same)
      reference_differs(ref, our_meaning.text(), relocation_text(*theirs));
  }

  std::string relocation_text(const DynamicRelocation &r) const {
    return meaning_of_relocation(pair_.target, r).text();
  }

  void reference_differs(const Reference &ref, const std::string &ours,
                         const std::string &theirs) const {
    note_failed(ref);
    std::string name = ref.name(pair_.instrumented);
    proof_.differences.add(
        ref.place, fmt::format("refers to {} ({}), in the target to {}", name, ours, theirs),
        ref.width, fmt::format("{} {}{:+}", full_relocation_name(ref.type), name, ref.addend));
  }

  // By its symbol, and by its address: that of the end of an instruction counts, and up
  // to 4 bytes may stand between the reference and that.
  void note_failed(const Reference &ref) const {
    uint64_t to_end = ref.pc_relative ? ref.width : 0;
    LinkAddr to = ref.base + static_cast<uint64_t>(ref.addend) + to_end;
    proof_.differences.add_failed_reference({to, to + (ref.pc_relative ? 5 : 1)});
    if (ref.symbol->type != STT_SECTION && ref.symbol->defined())
      proof_.differences.add_failed_reference({ref.symbol->value, ref.symbol->value + 1});
  }

  const LinkPair &pair_;
  const ElfSection &ours_;
  const ElfSection &theirs_;
  LayoutProof &proof_;
  uint64_t done_ = 0;
  bool first_only_ = false;
  bool parted_ = false;
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

namespace {

struct SectionPair {
  const ElfSection *ours;
  const ElfSection *theirs;
};

std::vector<SectionPair> pair_sections(const LinkPair &pair, LayoutProof &proof) {
  std::vector<SectionPair> pairs;
  for (const ElfSection &s : pair.instrumented.elf.sections()) {
    if (!s.alloc() || is_patch_section(s))
      continue;
    if (is_synthetic(s)) {
      proof.skipped.push_back({std::string(s.name), reason_to_skip(s)});
      continue;
    }
    const ElfSection *other = pair.counterpart(s);
    if (other)
      pairs.push_back({&s, other});
    else if (s.size > 0) // --emit-relocs keeps empty sections
      proof.differences.add(fmt::format("the target has no section {}", s.name));
  }
  for (const ElfSection &s : pair.target.elf.sections())
    if (s.alloc() && s.size > 0 && !is_synthetic(s) && !pair.instrumented.elf.find(s.name))
      proof.differences.add(fmt::format("only the target has a section {}", s.name));
  return pairs;
}

} // namespace

void compare_sections(const LinkPair &pair, LayoutProof &proof) {
  std::vector<SectionPair> pairs = pair_sections(pair, proof);
  for (const SectionPair &p : pairs)
    if (!SectionComparison(pair, *p.ours, *p.theirs, proof).same_kind())
      proof.shifted = true;
  for (const SectionPair &p : pairs) {
    if (proof.shifted) {
      bool code = p.ours->flags & SHF_EXECINSTR;
      if (!code || !compare_functions(pair, *p.ours, *p.theirs, proof))
        SectionComparison(pair, *p.ours, *p.theirs, proof).show_parting();
      continue;
    }
    SectionComparison(pair, *p.ours, *p.theirs, proof).compare();
    proof.sections++;
  }
}

} // namespace care::tool
