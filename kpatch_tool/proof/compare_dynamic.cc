// SPDX-License-Identifier: GPL-2.0-or-later
//
// The layout proof for what the dynamic linker sees. compare_sections.cc has
// found each relocated place of the instrumented link in the target; here the
// other direction (nothing more is written in the target), the places that no
// emitted relocation covers (COPY), the GOT, the exports, and the libraries.
#include <algorithm>
#include <cstring>
#include <set>

#include "kpatch_tool/proof/layout_proof.h"

namespace care::tool {

namespace {

bool ordinary(const ElfSection *section) {
  return section && !is_synthetic(*section);
}

void compare_places(const LinkPair &pair, LayoutProof &proof) {
  for (const auto &[place, theirs] : pair.target.dynamic.relocations()) {
    const ElfSection *section = pair.target.elf.at(place);
    if (!ordinary(section))
      continue;
    const ElfSection *ours = pair.instrumented.elf.find(section->name);
    if (!ours)
      continue; // said before
    LinkAddr our_place = ours->addr + (place.value - section->addr.value);
    const DynamicRelocation *r = pair.instrumented.dynamic.at(our_place);
    if (!r || r->type != theirs.type) {
      proof.differences.add(our_place,
                            fmt::format("only the target has a dynamic relocation: {}",
                                        meaning_of_relocation(pair.target, theirs).text()));
      continue;
    }
    if (r->type == R_X86_64_COPY &&
        meaning_of_relocation(pair.instrumented, *r) != meaning_of_relocation(pair.target, theirs))
      proof.differences.add(our_place, fmt::format("holds a copy of {}, in the target of {}",
                                                   r->symbol ? r->symbol->text() : "?",
                                                   theirs.symbol ? theirs.symbol->text() : "?"));
    proof.dynamic_relocations++;
  }
}

void compare_slots(const LinkPair &pair, LayoutProof &proof) {
  std::set<SlotValue> ours;
  for (const auto &[meaning, slot] : find_stubs_and_slots(pair.instrumented).slots)
    ours.insert(meaning);
  for (const auto &[meaning, slot] : find_stubs_and_slots(pair.target).slots)
    if (meaning.kind == SlotValue::Kind::symbol && !ours.contains(meaning))
      proof.differences.add(
          fmt::format("the target refers to {}, the rebuild does not", meaning.text()));
}

bool defined_by_linker(std::string_view name) {
  static const std::set<std::string_view> kNames = {"_end",        "end",    "_edata", "edata",
                                                    "__bss_start", "_etext", "etext"};
  return kNames.contains(name);
}

void compare_exports(const LinkPair &pair, LayoutProof &proof) {
  std::map<std::string, const DynamicSymbol *> ours;
  for (const DynamicSymbol &s : pair.instrumented.dynamic.symbols())
    if (s.symbol.defined())
      ours.emplace(s.text(), &s);
  for (const DynamicSymbol &theirs : pair.target.dynamic.symbols()) {
    if (!theirs.symbol.defined() || theirs.name.empty() || defined_by_linker(theirs.name))
      continue;
    auto found = ours.find(theirs.text());
    const ElfSection *section = pair.target.elf.by_index(theirs.symbol.section);
    if (found == ours.end()) {
      proof.differences.add(
          fmt::format("the target exports {}, the rebuild does not", theirs.text()));
      continue;
    }
    const ElfSymbol &s = found->second->symbol;
    const ElfSection *our_section = pair.instrumented.elf.by_index(s.section);
    if (!section || !our_section || is_synthetic(*section))
      continue; // versions and other absolute symbols
    if (our_section->name != section->name || s.size != theirs.symbol.size ||
        s.value - our_section->addr != theirs.symbol.value - section->addr) {
      // Thread-local symbols count from the start of their block in both files.
      if (s.type != STT_TLS)
        proof.differences.add(
            s.value, fmt::format("exported symbol {} lies elsewhere in the target ({})",
                                 theirs.text(), pair.target.describe(theirs.symbol.value)));
      else if (s.value != theirs.symbol.value)
        proof.differences.add(fmt::format(
            "exported thread-local symbol {} lies elsewhere in the target", theirs.text()));
    }
  }
}

} // namespace

void compare_dynamic(const LinkPair &pair, LayoutProof &proof) {
  compare_places(pair, proof);
  compare_slots(pair, proof);
  compare_exports(pair, proof);
  // The fix may make the linker keep a library that --as-needed dropped before:
  // only what the target needs must be there.
  std::vector<std::string> ours = dynamic_strings(pair.instrumented.elf, DT_NEEDED);
  for (const std::string &name : dynamic_strings(pair.target.elf, DT_NEEDED))
    if (std::find(ours.begin(), ours.end(), name) == ours.end())
      proof.differences.add(fmt::format("the target needs {}, the rebuild does not", name));
}

} // namespace care::tool
