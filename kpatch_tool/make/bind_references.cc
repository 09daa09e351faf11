// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/bind_references.h"

#include <cstring>

#include "lib/elf/dynamic_section.h"
#include "lib/x86/plt.h"

namespace care::tool {

namespace {

struct KnownSection {
  const char *name;
  Group group;
};

// Image order within the groups; .kpatch.plt, .eh_frame and .kpatch.got follow.
constexpr KnownSection kKnownSections[] = {
    {".kpatch.text", Group::text},          {".kpatch.plt", Group::text},
    {".kpatch.rodata", Group::rodata},      {".kpatch.except_table", Group::rodata},
    {".eh_frame", Group::rodata},           {".eh_frame_hdr", Group::rodata},
    {".kpatch.data.rel.ro", Group::rodata}, {".kpatch.tpoff", Group::rodata},
    {".kpatch.dtpoff", Group::rodata},      {".kpatch.got", Group::rodata},
    {".kpatch.data", Group::data},          {".kpatch.bss", Group::data},
};

// The assembler turns a reference to a local symbol into its section plus an
// offset. Where a symbol lies at that place, it is named: the sum stays the same.
void name_target(const LinkedFile &file, Reference &ref) {
  if (!ref.symbol || ref.symbol->type != STT_SECTION || !ref.section)
    return;
  // A displacement counts from its end, which is mostly that of the instruction.
  int64_t end = ref.pc_relative ? ref.width : 0;
  LinkAddr target = ref.base + static_cast<uint64_t>(ref.addend + end);
  const ElfSymbol *symbol = file.symbol_at(target);
  if (!symbol || symbol->section != ref.section->index)
    return;
  ref.symbol = symbol;
  ref.base = target;
  ref.addend = -end;
}

// Shared objects have no program interpreter, but libc.so.6; and executables say
// which they are in DT_FLAGS_1 (ld since 2.26, lld).
bool is_library(const ElfFile &elf) {
  if (elf.type() != ET_DYN)
    return false;
  const ElfSection *dynamic = elf.find(".dynamic");
  std::optional<uint64_t> flags;
  if (dynamic)
    flags = find_entry(dynamic_entries(dynamic->bytes), DT_FLAGS_1);
  return !flags || !(*flags & DF_1_PIE);
}

} // namespace

uint32_t patch_type(const Reference &ref) {
  if (ref.kind == Reference::Kind::dynamic)
    return R_X86_64_64;
  if (!ref.pc_relative)
    return ref.width == 8 ? R_X86_64_64 : ref.type == R_X86_64_32 ? R_X86_64_32 : R_X86_64_32S;
  if (ref.width == 8)
    return R_X86_64_PC64;
  return ref.type == R_X86_64_PLT32 ? R_X86_64_PLT32 : R_X86_64_PC32;
}

Relocator::Relocator(const LinkPair &pair, Draft &draft)
    : pair_(pair), draft_(draft), shared_(pair.instrumented),
      theirs_(find_stubs_and_slots(pair.target)), is_library_(is_library(pair.instrumented.elf)) {}

void Relocator::add_sections() {
  const ElfFile &elf = pair_.instrumented.elf;
  for (const KnownSection &known : kKnownSections)
    draft_.section(known.name, known.group, 1);
  add_tls_block();
  for (const ElfSection &s : elf.sections()) {
    if (!s.alloc() || !is_patch_section(s) || s.size == 0 || tls_sections_.count(s.index))
      continue;
    size_t count = draft_.sections.size();
    size_t index = draft_.section(std::string(s.name), Group::text, 1);
    if (index >= count)
      throw error(ExitCode::unsupported, "{}: unknown section {}", elf.path(), s.name);
    ImageSection &section = draft_.sections[index];
    section.align = std::max<uint64_t>(s.align, 1);
    section.size = s.size;
    section.nobits = s.nobits();
    section.bytes = s.bytes;
    if (section.align > kImagePage)
      throw error(ExitCode::unsupported, "{}: {} wants an alignment of {}", elf.path(), s.name,
                  section.align);
    by_section_[s.index] = index;
  }
  for (const ElfSymbol &s : pair_.instrumented.symbols) {
    auto section = by_section_.find(s.section);
    if (section == by_section_.end() || s.name.empty() || s.type == STT_SECTION)
      continue;
    uint64_t offset = s.value - elf.by_index(s.section)->addr;
    if (in_bounds(offset, s.size, draft_.sections[section->second].size))
      draft_.symbols.push_back(
          {std::string(s.name), {section->second, offset}, s.size, s.type == STT_FUNC});
  }
}

void Relocator::add_relocations() {
  for (const auto &[index, draft_index] : by_section_) {
    const ElfSection &section = *pair_.instrumented.elf.by_index(index);
    for (const ElfRelocation &r : sorted_relocations(pair_.instrumented, section))
      add_relocation(section, r);
  }
  for (const auto &[index, offset] : tls_sections_) {
    const ElfSection &section = *pair_.instrumented.elf.by_index(index);
    for (const ElfRelocation &r : sorted_relocations(pair_.instrumented, section))
      add_relocation(section, r);
  }
}

void Relocator::add_relocation(const ElfSection &section, const ElfRelocation &r) {
  Reference ref = decode_reference(pair_.instrumented, section, r);
  if (ref.kind == Reference::Kind::nothing || ref.kind == Reference::Kind::constant)
    return;
  bool shared = shared_.redirect(ref);
  if (ref.kind == Reference::Kind::address)
    name_target(pair_.instrumented, ref);
  if (ref.kind == Reference::Kind::unsupported)
    throw cannot_carry(ref, relocation_name(r.type) + " cannot be carried");
  std::optional<DraftTarget> target = shared ? target_of_shared(ref) : target_of(ref);
  if (!target)
    return;
  if (tls_sections_.count(section.index))
    return add_initial_value(ref, *target);
  DraftPlace place = inside(ref.place);
  // The bytes that the linker wrote hold for its own layout only.
  std::memset(draft_.sections[place.section].bytes.data() + place.offset, 0, ref.width);
  std::string name = ref.name(pair_.instrumented);
  if (const auto *own = std::get_if<DraftPlace>(&*target)) {
    if (draft_.sections[own->section].name == ".kpatch.plt")
      name += "@plt";
    else if (draft_.sections[own->section].name == ".kpatch.got")
      name += "@got";
  }
  uint32_t type = patch_type(ref);
  if (std::holds_alternative<OwnTlsTarget>(*target)) {
    type = new_variable_type(section, ref);
    LinkAddr variable = ref.base + static_cast<uint64_t>(ref.addend);
    if (const ElfSymbol *symbol = pair_.instrumented.symbol_at(variable))
      name = symbol->name;
  }
  draft_.relocations.push_back({place, type, *target, ref.addend, name});
}

// The linker has turned the load of an address from a slot into a lea: NAME.kpatch is
// hidden. Where the address must be looked up it becomes a load again, of as many bytes.
// A call may go to the program's own, which is the same code.
std::optional<DraftTarget> Relocator::target_of_shared(const Reference &ref) {
  const DynamicSymbol *symbol = shared_.looked_up(*ref.symbol);
  if (!symbol || is_branch(ref))
    return target_of(ref);
  SlotValue meaning{SlotValue::Kind::symbol, symbol->text(), 0, symbol};
  if (ref.width == 8 && !ref.pc_relative)
    return import_of(meaning);
  constexpr char kLea = '\x8d';
  constexpr char kLoad = '\x8b';
  DraftPlace place = inside(ref.place);
  ImageSection &section = draft_.sections[place.section];
  bool is_lea = section.group == Group::text && place.offset > 1 && ref.addend == -4 &&
                section.bytes[place.offset - 2] == kLea &&
                (section.bytes[place.offset - 1] & 0xc7) == 0x05; // rip-relative
  if (!is_lea)
    throw cannot_carry(ref, "direct access to " + symbol->text() +
                                ", which is new in a file that changed and of which another "
                                "object may have the one that counts");
  section.bytes[place.offset - 2] = kLoad;
  return slot_for(meaning, symbol->name);
}

std::optional<DraftTarget> Relocator::target_of(const Reference &ref) {
  if (ref.kind == Reference::Kind::dynamic)
    return target_of_dynamic(ref);
  if (!ref.section) {
    if (!ref.pc_relative)
      return std::nullopt; // an absolute value is the same everywhere
    throw cannot_carry(ref, "pc-relative reference to the absolute address " +
                                fmt::format("{}", ref.base));
  }
  if (is_plt(*ref.section))
    return target_of_stub(ref);
  bool names_table = ref.symbol->name == "_GLOBAL_OFFSET_TABLE_";
  if (is_got(*ref.section) && !names_table)
    return target_of_slot(ref);
  return place_target(*ref.section, ref.base);
}

DraftTarget Relocator::target_of_dynamic(const Reference &ref) {
  if (ref.fill->type == R_X86_64_RELATIVE && ref.section && !is_synthetic(*ref.section))
    return place_target(*ref.section, ref.base);
  SlotValue meaning = meaning_of_relocation(pair_.instrumented, *ref.fill);
  if (meaning.kind != SlotValue::Kind::symbol)
    throw cannot_carry(ref, "address of " + meaning.text() + " cannot be carried");
  return import_of(meaning); // the addend is the emitted relocation's own
}

bool Relocator::is_branch(const Reference &ref) const {
  if (ref.type == R_X86_64_PLT32)
    return true;
  DraftPlace place = inside(ref.place);
  std::string_view bytes = draft_.sections[place.section].bytes;
  if (draft_.sections[place.section].group != Group::text || place.offset == 0)
    return false;
  auto before = static_cast<uint8_t>(bytes[place.offset - 1]);
  return before == 0xe8 || before == 0xe9 ||
         (place.offset > 1 && bytes[place.offset - 2] == '\x0f' && (before & 0xf0) == 0x80);
}

DraftTarget Relocator::target_of_stub(const Reference &ref) {
  std::optional<SlotValue> meaning = meaning_of_stub(pair_.instrumented, ref.base);
  if (!meaning)
    throw cannot_carry(ref, "unknown stub " + pair_.instrumented.describe(ref.base));
  bool by_name = meaning->kind == SlotValue::Kind::symbol;
  if (by_name && is_branch(ref))
    return stub_for(*meaning, ref.name(pair_.instrumented));
  // In a fixed-address executable, the address of an imported function is the program's
  // stub, in every object of the process. A stub of the patch would compare unequal.
  auto stub = theirs_.stubs.find(*meaning);
  if (stub != theirs_.stubs.end())
    return ModuleTarget{stub->second};
  if (by_name && ref.width == 8 && !ref.pc_relative)
    return import_of(*meaning);
  throw cannot_carry(ref, "address of " + meaning->text() + ", which the target does not use")
      .with_hint("compile with -fpie or -fPIC, or call it instead");
}

// A slot that holds the address of a symbol of this file: the symbol knows its
// section, also when it lies at the border of two.
std::optional<SlotValue> Relocator::place_of_symbol(const Reference &ref) const {
  const LinkedFile &file = pair_.instrumented;
  const ElfSymbol &s = *ref.symbol;
  if (s.section == SHN_UNDEF || s.section >= SHN_LORESERVE || s.type == STT_TLS)
    return std::nullopt;
  const DynamicRelocation *r = file.dynamic.at(ref.base);
  if (r && r->type != R_X86_64_RELATIVE)
    return std::nullopt;
  uint64_t value =
      r ? static_cast<uint64_t>(r->addend) : load_at<uint64_t>(file.elf.read(ref.base, 8), 0);
  const ElfSection *section = file.elf.by_index(s.section);
  if (!section || value != s.value.value)
    return std::nullopt;
  return SlotValue{SlotValue::Kind::place, std::string(section->name), s.value - section->addr};
}

DraftTarget Relocator::target_of_slot(const Reference &ref) {
  SlotValue meaning = meaning_of_slot(pair_.instrumented, ref.base);
  if (std::optional<SlotValue> place = place_of_symbol(ref))
    meaning = *place;
  if (const ElfSymbol *symbol = shared_.programs_own(*ref.symbol)) {
    const ElfSection &section = *pair_.instrumented.elf.by_index(symbol->section);
    meaning = {SlotValue::Kind::place, std::string(section.name), symbol->value - section.addr};
    if (const DynamicSymbol *known = shared_.looked_up(*symbol))
      meaning = {SlotValue::Kind::symbol, known->text(), 0, known};
  }
  if (meaning.kind == SlotValue::Kind::tls || meaning.kind == SlotValue::Kind::ifunc) {
    auto slot = theirs_.slots.find(meaning);
    if (slot != theirs_.slots.end())
      return ModuleTarget{slot->second};
    if (meaning.kind == SlotValue::Kind::tls)
      return tls_slot_for(ref, meaning);
    throw cannot_carry(ref, meaning.text() + " is not in the target's GOT");
  }
  return slot_for(meaning, ref.name(pair_.instrumented));
}

DraftPlace Relocator::inside(LinkAddr addr) const {
  const ElfSection *section = pair_.instrumented.elf.at(addr);
  auto known = section ? by_section_.find(section->index) : by_section_.end();
  if (known == by_section_.end())
    throw pair_.instrumented.elf.bad("{} is not in a .kpatch section",
                                     pair_.instrumented.describe(addr));
  return {known->second, addr.value - section->addr.value};
}

DraftTarget Relocator::place_target(const ElfSection &section, LinkAddr addr) const {
  auto known = by_section_.find(section.index);
  if (known != by_section_.end())
    return DraftPlace{known->second, addr.value - section.addr.value};
  auto tls = tls_sections_.find(section.index);
  if (tls != tls_sections_.end())
    return OwnTlsTarget{tls->second + (addr - section.addr)};
  return ModuleTarget{pair_.to_target(section, addr)};
}

ImportTarget Relocator::import_of(const SlotValue &meaning) {
  const DynamicSymbol &s = *meaning.symbol;
  PatchImport import;
  import.name = s.name;
  import.version = s.version;
  import.weak = s.symbol.binding == STB_WEAK && !s.symbol.defined();
  if (s.symbol.type == STT_FUNC || s.symbol.type == STT_GNU_IFUNC)
    import.kind = ImportKind::function;
  else if (s.symbol.type == STT_OBJECT)
    import.kind = ImportKind::object;
  else if (s.symbol.type == STT_TLS)
    import.kind = ImportKind::tls;
  return ImportTarget{draft_.import(import)};
}

DraftTarget Relocator::target_of_meaning(const SlotValue &meaning) {
  if (meaning.kind == SlotValue::Kind::symbol)
    return import_of(meaning);
  const ElfSection &section = pair_.instrumented.elf.require(meaning.name);
  return place_target(section, section.addr + static_cast<uint64_t>(meaning.value));
}

DraftPlace Relocator::slot_for(const SlotValue &meaning, const std::string &name) {
  auto known = own_slots_.find(meaning);
  if (known != own_slots_.end())
    return known->second;
  DraftPlace slot = new_slots(1);
  ImageSection &got = draft_.sections[slot.section];
  if (meaning.kind == SlotValue::Kind::number)
    std::memcpy(got.bytes.data() + slot.offset, &meaning.value, 8);
  else if (meaning.kind == SlotValue::Kind::symbol || meaning.kind == SlotValue::Kind::place)
    draft_.relocations.push_back({slot, R_X86_64_64, target_of_meaning(meaning),
                                  meaning.kind == SlotValue::Kind::symbol ? meaning.value : 0,
                                  name});
  else
    throw error(ExitCode::unsupported, "{}: {}: {} cannot be carried",
                pair_.instrumented.elf.path(), name, meaning.text());
  draft_.symbols.push_back({name + "@got", slot, 8, false});
  own_slots_.emplace(meaning, slot);
  return slot;
}

DraftPlace Relocator::stub_for(const SlotValue &meaning, const std::string &name) {
  auto known = own_stubs_.find(meaning);
  if (known != own_stubs_.end())
    return known->second;
  DraftPlace slot = slot_for(meaning, name);
  size_t index = draft_.section(".kpatch.plt", Group::text, kStubSize);
  ImageSection &plt = draft_.sections[index];
  DraftPlace stub{index, plt.size};
  char bytes[kStubSize];
  write_stub(bytes, 0, 0);
  plt.align = kStubSize;
  plt.size += kStubSize;
  plt.bytes.append(bytes, kStubSize);
  draft_.relocations.push_back({{index, stub.offset + 2}, R_X86_64_PC32, slot, -4, name + "@got"});
  draft_.symbols.push_back({name + "@plt", stub, kStubSize, true});
  own_stubs_.emplace(meaning, stub);
  return stub;
}

Error Relocator::cannot_carry(const Reference &ref, const std::string &what) const {
  return error(ExitCode::unsupported, "{}: {}: {}: {}", pair_.instrumented.elf.path(),
               pair_.instrumented.describe(ref.place), ref.name(pair_.instrumented), what);
}

} // namespace care::tool
