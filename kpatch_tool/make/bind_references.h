// SPDX-License-Identifier: GPL-2.0-or-later
//
// Turns every reference of the .kpatch sections into one of the three kinds that
// a patch knows: inside itself, an address of the target, an import.
//
// A call to another object goes through a stub of the patch, a GOT load through a
// slot of the patch: .kpatch.plt and .kpatch.got grow as references come. Some values
// only the dynamic linker can make (thread-local module ids and offsets, IFUNC results).
// Where the target's own GOT has such a value, the patch uses that slot.
#pragma once

#include <map>
#include <optional>

#include "kpatch_tool/make/draft.h"
#include "kpatch_tool/make/shared_definitions.h"
#include "kpatch_tool/proof/link_pair.h"

namespace care::tool {

// The type of a relocation in the patch, which may differ from the linker's.
uint32_t patch_type(const Reference &ref);

class Relocator {
 public:
  // `draft` must outlive the object.
  Relocator(const LinkPair &pair, Draft &draft);

  // Adds the loaded .kpatch sections of the instrumented link to the draft, with
  // their symbols. Comes first.
  void add_sections();
  // Adds the relocations of all of them. Error (unsupported) names what cannot
  // be carried, with its place.
  void add_relocations();

  // Draft place of an address in a .kpatch section.
  DraftPlace inside(LinkAddr addr) const;
  // Offset in the patch's thread-local block of an address in .kpatch.tdata or .tbss.
  uint64_t tls_offset(LinkAddr addr) const;
  // An address that belongs to `section`: inside or in the module.
  DraftTarget place_target(const ElfSection &section, LinkAddr addr) const;
  // A slot of the patch that will hold the value which `meaning` describes.
  DraftPlace slot_for(const SlotValue &meaning, const std::string &name);

 private:
  void add_relocation(const ElfSection &section, const ElfRelocation &r);
  std::optional<DraftTarget> target_of(const Reference &ref);
  std::optional<DraftTarget> target_of_shared(const Reference &ref);
  DraftTarget target_of_dynamic(const Reference &ref);
  DraftTarget target_of_stub(const Reference &ref);
  DraftTarget target_of_slot(const Reference &ref);
  std::optional<SlotValue> place_of_symbol(const Reference &ref) const;
  DraftPlace stub_for(const SlotValue &meaning, const std::string &name);
  ImportTarget import_of(const SlotValue &meaning);
  DraftTarget target_of_meaning(const SlotValue &meaning);
  bool is_branch(const Reference &ref) const;
  // Thread-local storage: relocate_tls.cc.
  void add_tls_block();
  void add_initial_value(const Reference &ref, const DraftTarget &target);
  uint32_t new_variable_type(const ElfSection &section, const Reference &ref) const;
  DraftTarget tls_target(const DynamicRelocation &r);
  DraftPlace resolver();
  DraftPlace new_slots(size_t count);
  DraftPlace tls_pair(const DynamicRelocation &r, int64_t offset, const std::string &name);
  DraftPlace tls_slot_for(const Reference &ref, const SlotValue &meaning);
  Error cannot_carry(const Reference &ref, const std::string &what) const;

  const LinkPair &pair_;
  Draft &draft_;
  SharedNames shared_;
  StubsAndSlots theirs_;                      // of the target
  std::map<uint32_t, size_t> by_section_;     // instrumented section -> draft section
  std::map<SlotValue, DraftPlace> own_slots_; // in .kpatch.got
  std::map<SlotValue, DraftPlace> own_stubs_; // in .kpatch.plt
  std::map<uint32_t, uint64_t> tls_sections_; // instrumented section -> offset in the block
  std::optional<DraftPlace> resolver_;        // of thread-local descriptors, in .kpatch.plt
  bool is_library_ = false;                   // the instrumented link
};

} // namespace care::tool
