// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/partial_proof.h"

#include <algorithm>
#include <set>

#include "kpatch_tool/proof/code_entries.h"
#include "kpatch_tool/proof/used_places.h"
#include "lib/x86/decoder.h"

namespace care::tool {

namespace {

// An index that the compiler has folded into an address moves it by so much at most.
constexpr uint64_t kFolded = 64;
// The longest instruction is 15 bytes: what ends in a range begins so far in front of it.
constexpr uint64_t kOverlap = 15;

class PartialProof {
 public:
  PartialProof(const LinkPair &pair, const LayoutProof &proof, const PatchFile &patch)
      : pair_(pair), differences_(proof.differences), places_(find_used_places(pair, patch)),
        patch_(patch) {}

  void run() const {
    for (const UsedPlace &place : places_)
      require_equal(place);
    require_variables();
    require_thread_locals();
    for (const DifferingRange &d : differences_.ranges())
      require_no_entry(d);
  }

 private:
  const DifferingRange *differing(LinkRange range) const {
    for (const DifferingRange &d : differences_.ranges())
      if (d.range.overlaps(range))
        return &d;
    return nullptr;
  }

  bool proved(LinkAddr addr) const { return !differing({addr, addr + 1}); }

  Error refused(const std::string &what) const {
    return error(ExitCode::does_not_fit,
                 "{} does not have the layout of {} where the patch "
                 "needs it: {}",
                 pair_.target.elf.path(), pair_.instrumented.elf.path(), what)
        .with_hint(fmt::format("kpatch_tool check --all {} --target {} lists what differs",
                               pair_.instrumented.elf.path(), pair_.target.elf.path()));
  }

  void require_equal(const UsedPlace &place) const {
    if (const DifferingRange *d = differing(place.range))
      throw refused(fmt::format("{}: {}", place.text(), d->difference.text()));
  }

  void require_variables() const {
    std::vector<LinkRange> ranges;
    for (const UsedPlace &place : places_)
      if (place.kind == UsedPlace::Kind::variable)
        ranges.push_back(place.range);
    if (ranges.empty())
      return;
    CodeEntries references(pair_.instrumented, ranges);
    for (const UsedPlace &place : places_) {
      if (place.kind != UsedPlace::Kind::variable)
        continue;
      LinkRange around{place.range.begin - std::min(place.range.begin.value, kFolded),
                       place.range.end + kFolded};
      for (const LinkRange &failed : differences_.failed_references())
        if (failed.overlaps(around))
          throw refused(place.text() + ": a reference to it or to its surroundings differs");
      std::vector<CodeEntry> entries = references.into(place.range);
      bool known = std::any_of(entries.begin(), entries.end(),
                               [&](const CodeEntry &e) { return proved(e.from); });
      if (!known && !exported_there(place.range.begin))
        throw refused(place.text() + ": nothing that is proved refers to it, so it may lie "
                                     "elsewhere");
    }
  }

  // Both files export it: compare_dynamic.cc has found it at the same place.
  bool exported_there(LinkAddr addr, bool thread_local_one = false) const {
    for (const DynamicSymbol &s : pair_.instrumented.dynamic.symbols()) {
      if (!s.symbol.defined() || (s.symbol.type == STT_TLS) != thread_local_one ||
          s.symbol.value != addr)
        continue;
      for (const DynamicSymbol &theirs : pair_.target.dynamic.symbols())
        if (theirs.symbol.defined() && theirs.text() == s.text())
          return true;
    }
    return false;
  }

  void require_thread_locals() const {
    const LinkedFile &file = pair_.instrumented;
    std::vector<ThreadLocalUse> wanted = used_thread_locals(file);
    if (wanted.empty())
      return;
    std::set<ThreadLocalUse> known;
    for (const ElfSection &section : file.elf.sections()) {
      if (!section.alloc() || is_patch_section(section) || is_synthetic(section))
        continue;
      for (const ElfRelocation &r : sorted_relocations(file, section))
        if (std::optional<ThreadLocalUse> use = thread_local_use(file, r);
            use && proved(LinkAddr(r.offset)))
          known.insert(*use);
    }
    for (const ThreadLocalUse &use : wanted) {
      const ElfSymbol &symbol = file.symbols[use.symbol];
      bool exported = symbol.type == STT_TLS && exported_there(symbol.value, true);
      if (!known.contains(use) && !exported)
        throw refused(fmt::format("thread-local variable {}: nothing that is proved uses it, so it "
                                  "may lie elsewhere",
                                  symbol.name));
    }
  }

  // Does what differs lead into the middle of what is replaced?
  void require_no_entry(const DifferingRange &d) const {
    const ElfSection *ours = pair_.instrumented.elf.at(d.range.begin);
    const ElfSection *theirs = ours ? pair_.counterpart(*ours) : nullptr;
    if (!theirs)
      throw refused(d.difference.text());
    bool code = ours->flags & SHF_EXECINSTR;
    if (code && !d.named)
      throw refused("code that belongs to no function: " + d.difference.text());
    uint64_t begin = d.range.begin.value - ours->addr.value;
    uint64_t end = std::min(begin + d.range.size(), theirs->size);
    check_addresses(*theirs, begin - std::min(begin, kOverlap), end, d);
    if (code && !theirs->nobits() && !check_instructions(*theirs, begin, end, d))
      check_distances(*theirs, begin, end, d);
  }

  // Every position may hold an address; where the file can be loaded anywhere they have a
  // dynamic relocation.
  void check_addresses(const ElfSection &theirs, uint64_t begin, uint64_t end,
                       const DifferingRange &d) const {
    bool fixed = pair_.target.elf.type() == ET_EXEC;
    for (uint64_t at = begin; at < end; at++) {
      if (const DynamicRelocation *r = pair_.target.dynamic.at(theirs.addr + at))
        require_outside(static_cast<uint64_t>(r->addend), d);
      if (fixed && in_bounds(at, 8, theirs.bytes.size()))
        require_outside(load_at<uint64_t>(theirs.bytes, at), d);
      if (fixed && in_bounds(at, 4, theirs.bytes.size()))
        require_outside(load_at<uint32_t>(theirs.bytes, at), d);
    }
  }

  // False when the code cannot be decoded from its beginning to its end.
  bool check_instructions(const ElfSection &theirs, uint64_t begin, uint64_t end,
                          const DifferingRange &d) const {
    uint64_t at = begin;
    while (at < end) {
      std::optional<Instruction> instruction = decode(theirs.bytes.substr(at));
      if (!instruction)
        return false;
      at += instruction->length;
      check_destinations(*instruction, theirs.addr.value + at, d);
    }
    return at == end;
  }

  // Where the instructions cannot be told, one may begin anywhere.
  void check_distances(const ElfSection &theirs, uint64_t begin, uint64_t end,
                       const DifferingRange &d) const {
    for (uint64_t at = begin - std::min(begin, kOverlap); at < end; at++)
      if (std::optional<Instruction> instruction = decode(theirs.bytes.substr(at)))
        check_destinations(*instruction, theirs.addr.value + at + instruction->length, d);
  }

  // Where it goes and what it names, counted from `next`, its end.
  void check_destinations(const Instruction &instruction, uint64_t next,
                          const DifferingRange &d) const {
    if (instruction.relative_branch)
      require_outside(next + static_cast<uint64_t>(instruction.branch_distance), d);
    if (instruction.rip_operand)
      require_outside(next + static_cast<uint64_t>(instruction.rip_distance), d);
  }

  // `addr` of the target is not in the middle of replaced code, and in no pad.
  void require_outside(uint64_t addr, const DifferingRange &d) const {
    LinkAddr to(addr);
    auto into = [&](LinkAddr begin, uint64_t size, bool entry) {
      return begin <= to && to < begin + size && !(entry && to == begin);
    };
    for (const PatchFunction &f : patch_.functions)
      if (f.changes_code() && to != f.site &&
          (into(f.original, f.original_size, true) ||
           into(f.original_cold, f.original_cold_size, false) ||
           (f.pad && into(f.pad, kJumpSize, false))))
        throw refused(fmt::format("code or data that differs may enter function {}, which the "
                                  "patch replaces, in the middle: {}",
                                  f.name, d.difference.text()));
  }

  const LinkPair &pair_;
  const Differences &differences_;
  std::vector<UsedPlace> places_;
  const PatchFile &patch_;
};

} // namespace

bool may_hold_partly(const LayoutProof &proof) {
  return !proof.differences.empty() && !proof.shifted && proof.differences.placed();
}

void prove_used(const LinkPair &pair, const LayoutProof &proof, const PatchFile &patch) {
  PartialProof(pair, proof, patch).run();
}

std::vector<std::string> unproved_lines(const LayoutProof &proof) {
  std::vector<std::string> lines;
  for (const Difference &d : proof.differences.list())
    lines.push_back(d.headline());
  return lines;
}

} // namespace care::tool
