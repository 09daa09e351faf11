// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/used_places.h"

#include <algorithm>
#include <map>
#include <set>

#include "lib/x86/decoder.h"

namespace care::tool {

namespace {

// How far before an address without a symbol the thing that it belongs to may begin.
constexpr uint64_t kNamelessBefore = 64;

bool is_constant(const ElfSection &section) {
  return !(section.flags & SHF_WRITE) || section.name.starts_with(".data.rel.ro");
}

// The one that defines it, or null.
const ElfSection *section_of(const LinkedFile &file, const ElfSymbol &symbol) {
  return symbol.defined() && symbol.section < SHN_LORESERVE ? file.elf.by_index(symbol.section)
                                                            : nullptr;
}

// The functions and objects of a file by address.
class Extents {
 public:
  explicit Extents(const LinkedFile &file) {
    for (const ElfSymbol &s : file.symbols) {
      const ElfSection *section = section_of(file, s);
      bool thing = s.type == STT_FUNC || s.type == STT_OBJECT || s.type == STT_NOTYPE ||
                   s.type == STT_GNU_IFUNC;
      if (section && section->alloc() && thing && !s.name.empty())
        ranges_.push_back({s.value, s.value + s.size});
    }
    std::sort(ranges_.begin(), ranges_.end(),
              [](const LinkRange &a, const LinkRange &b) { return a.begin < b.begin; });
    LinkAddr end{};
    for (const LinkRange &range : ranges_)
      ends_.push_back(end = std::max(end, range.end));
  }

  // Every function or object around `at`; where there is none, what lies between two.
  LinkRange around(const ElfSection &section, LinkAddr at) const {
    auto next = std::upper_bound(ranges_.begin(), ranges_.end(), at,
                                 [](LinkAddr a, const LinkRange &r) { return a < r.begin; });
    LinkRange all{at, at};
    auto index = static_cast<size_t>(next - ranges_.begin());
    for (size_t i = index; i > 0 && ends_[i - 1] > at; i--) {
      if (!ranges_[i - 1].contains(at))
        continue;
      all.begin = std::min(all.begin, ranges_[i - 1].begin);
      all.end = std::max(all.end, ranges_[i - 1].end);
    }
    if (!all.empty())
      return all;
    LinkAddr end = section.range().end;
    if (next != ranges_.end())
      end = std::min(end, next->begin);
    return {nameless_begin(section, index, at), end};
  }

 private:
  // What lies around `at` has no symbol, or one without a size in front of it.
  LinkAddr nameless_begin(const ElfSection &section, size_t index, LinkAddr at) const {
    LinkAddr begin = std::max(section.addr, at - std::min(at.value, kNamelessBefore));
    if (index == 0)
      return begin;
    const LinkRange &last = ranges_[index - 1];
    if (last.empty() && section.range().contains(last.begin))
      return last.begin;
    return std::max(begin, ends_[index - 1]);
  }

  std::vector<LinkRange> ranges_; // ascending
  std::vector<LinkAddr> ends_;    // the last end up to there
};

// The ends of a patch's instructions that hold an address as a distance. The sweep gets back
// in step with the instructions at each function.
class InstructionEnds {
 public:
  explicit InstructionEnds(const PatchFile &patch) {
    std::set<uint64_t> functions;
    for (const PatchSymbol &s : patch.symbols)
      if (s.function)
        functions.insert(s.offset);
    for (const ImageSection &section : patch.sections)
      if (section.group == Group::text)
        sweep(section, functions);
  }

  // Image offset behind the instruction that holds the 4 bytes at `place`.
  std::optional<uint64_t> of(uint64_t place) const {
    auto found = ends_.upper_bound(place);
    if (found == ends_.end() || found->second > place || place + 4 > found->first)
      return std::nullopt;
    return found->first;
  }

 private:
  void sweep(const ImageSection &section, const std::set<uint64_t> &functions) {
    std::string_view bytes = section.bytes;
    for (uint64_t at = 0; at < bytes.size();) {
      auto function = functions.upper_bound(section.offset + at);
      uint64_t limit = function == functions.end() ? bytes.size() : *function - section.offset;
      std::optional<Instruction> instruction = decode(bytes.substr(at));
      uint64_t next = at + (instruction ? instruction->length : 1);
      if (instruction && next <= limit &&
          (instruction->rip_operand || instruction->relative_branch))
        ends_.emplace(section.offset + next, section.offset + at);
      at = std::min(next, limit);
    }
  }

  std::map<uint64_t, uint64_t> ends_; // end -> beginning
};

class UsedPlaces {
 public:
  UsedPlaces(const LinkPair &pair, const PatchFile &patch)
      : pair_(pair), patch_(patch), extents_(pair.instrumented), ends_(patch) {}

  std::vector<UsedPlace> find() {
    for (const PatchFunction &f : patch_.functions)
      if (f.changes_code())
        add_replaced(f);
    for (const UnsafeFunction &f : patch_.unsafe)
      add(f.address, f.name);
    for (const PatchRelocation &r : patch_.relocations)
      add_reference(r);
    for (const PatchRelocation &r : patch_.tls.relocations)
      add_reference(r);
    return std::move(places_);
  }

 private:
  struct Place {
    const ElfSection *section;
    LinkAddr at;
  };

  // Of the instrumented link, for an address of the target.
  Place ours(LinkAddr target, const std::string &name) const {
    const ElfSection *theirs = pair_.target.elf.at(target);
    const ElfSection *section = theirs ? pair_.instrumented.elf.find(theirs->name) : nullptr;
    if (!section)
      throw error(ExitCode::does_not_fit, "{}: nobody knows what lies at {}, to which {} leads",
                  pair_.target.elf.path(), target, name.empty() ? "the patch" : name);
    return {section, section->addr + static_cast<uint64_t>(target - theirs->addr)};
  }

  LinkRange ours(LinkAddr target, uint64_t size, const std::string &name) const {
    LinkAddr begin = ours(target, name).at;
    return {begin, begin + size};
  }

  void add_replaced(const PatchFunction &f) {
    using Kind = UsedPlace::Kind;
    LinkRange code = ours(f.original, f.original_size, f.name);
    places_.push_back({Kind::replaced, code, code.begin, f.name});
    if (f.original_cold_size > 0) {
      LinkRange cold = ours(f.original_cold, f.original_cold_size, f.name);
      places_.push_back({Kind::replaced, cold, cold.begin, f.name + ".cold"});
    }
    if (f.pad) {
      LinkRange pad = ours(f.pad, kJumpSize, f.name);
      places_.push_back({Kind::pad, pad, pad.begin, f.name});
    }
  }

  void add_reference(const PatchRelocation &r) {
    const auto *module = std::get_if<ModuleTarget>(&r.target);
    if (module == nullptr)
      return;
    const ElfSection *theirs = pair_.target.elf.at(module->addr);
    if (theirs && is_synthetic(*theirs))
      return add_meaning(*theirs, module->addr, r.symbol);
    LinkAddr at = module->addr + static_cast<uint64_t>(r.addend);
    const ImageSection *holder = find_section(patch_, r.place, 4);
    bool distance = (r.type == R_X86_64_PC32 || r.type == R_X86_64_PLT32) && holder &&
                    holder->group == Group::text;
    std::optional<uint64_t> end = distance ? ends_.of(r.place) : std::nullopt;
    if (end)
      add(at + (*end - r.place), r.symbol);
    else if (distance && holder->name.starts_with(".kpatch"))
      for (uint64_t behind : {4, 5, 6, 8}) // the instruction's end is unknown
        add(at + behind, r.symbol);
    else
      add(at, r.symbol);
    // A section's own address says nothing, that of a function or object does; but not one
    // that merely lies where the reference would lead if the instruction ended with it.
    bool guessed = end && *end != r.place + 4 && r.addend == -4;
    if (theirs && module->addr != theirs->addr && !guessed)
      add(module->addr, r.symbol);
  }

  // Stubs and slots of the target were found by what they mean; a function that the
  // dynamic linker asks for an address is one of this file.
  void add_meaning(const ElfSection &section, LinkAddr addr, const std::string &name) {
    std::optional<SlotValue> meaning;
    if (is_plt(section))
      meaning = meaning_of_stub(pair_.target, addr);
    else if (is_got(section) && addr != section.addr)
      meaning = meaning_of_slot(pair_.target, addr);
    if (!meaning ||
        (meaning->kind != SlotValue::Kind::ifunc && meaning->kind != SlotValue::Kind::place))
      return;
    if (const ElfSection *place = pair_.target.elf.find(meaning->name))
      add(place->addr + static_cast<uint64_t>(meaning->value), name);
  }

  void add(LinkAddr target, const std::string &name) {
    Place place = ours(target, name);
    if (!seen_.insert(place.at).second)
      return;
    using Kind = UsedPlace::Kind;
    Kind kind = place.section->flags & SHF_EXECINSTR ? Kind::code
                : is_constant(*place.section)        ? Kind::constant
                                                     : Kind::variable;
    LinkRange range = extents_.around(*place.section, place.at);
    const ElfSymbol *symbol = pair_.instrumented.symbol_at(range.begin);
    // A slot with the address of a language's unwind routine; only unwind tables name it.
    if (symbol && symbol->name.starts_with("DW.ref."))
      kind = Kind::constant;
    places_.push_back({kind, range, place.at,
                       symbol ? std::string(symbol->name) : pair_.instrumented.describe(place.at)});
  }

  const LinkPair &pair_;
  const PatchFile &patch_;
  Extents extents_;
  InstructionEnds ends_;
  std::set<LinkAddr> seen_;
  std::vector<UsedPlace> places_;
};

// By its section, too: section symbols stand for local variables.
bool is_original_thread_local(const LinkedFile &file, const ElfSymbol &symbol) {
  const ElfSection *section = section_of(file, symbol);
  return section && !is_patch_section(*section) && (symbol.type == STT_TLS || section->tls());
}

} // namespace

std::string UsedPlace::text() const {
  switch (kind) {
  case Kind::replaced:
    return fmt::format("function {}, which the patch replaces", name);
  case Kind::pad:
    return fmt::format("the padding that takes the jump of function {}", name);
  case Kind::code:
    return fmt::format("function {}, which the patch calls or refers to", name);
  case Kind::constant:
    return fmt::format("constant {}, which the patch refers to", name);
  case Kind::variable:
    return fmt::format("variable {}, which the patch refers to", name);
  }
  return name;
}

std::vector<UsedPlace> find_used_places(const LinkPair &pair, const PatchFile &patch) {
  return UsedPlaces(pair, patch).find();
}

std::optional<ThreadLocalUse> thread_local_use(const LinkedFile &file, const ElfRelocation &r) {
  // TLSLD asks for the block, whatever variable it names.
  if (r.symbol >= file.symbols.size() || r.type == R_X86_64_NONE || r.type == R_X86_64_TLSLD ||
      r.type == R_X86_64_TLSDESC_CALL)
    return std::nullopt;
  const ElfSymbol &symbol = file.symbols[r.symbol];
  if (!is_original_thread_local(file, symbol))
    return std::nullopt;
  if (symbol.type == STT_TLS)
    return ThreadLocalUse{r.symbol, 0, 0};
  return ThreadLocalUse{r.symbol, r.type, r.addend};
}

std::vector<ThreadLocalUse> used_thread_locals(const LinkedFile &file) {
  std::set<ThreadLocalUse> used;
  for (const ElfSection &section : file.elf.sections()) {
    const ElfSection *rela =
        is_patch_section(section) ? file.elf.emitted_relocations(section) : nullptr;
    if (rela == nullptr || !section.alloc())
      continue;
    for (const ElfRelocation &r : file.elf.relocations(*rela))
      if (std::optional<ThreadLocalUse> use = thread_local_use(file, r))
        used.insert(*use);
  }
  return {used.begin(), used.end()};
}

} // namespace care::tool
