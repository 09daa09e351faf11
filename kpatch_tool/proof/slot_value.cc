// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/proof/slot_value.h"

#include "lib/patchfile/patch_file.h"
#include "lib/x86/plt.h"

namespace care::tool {

std::string SlotValue::text() const {
  switch (kind) {
  case Kind::number:
    return fmt::format("{:#x}", value);
  case Kind::place:
    return fmt::format("{}+{:#x}", name, value);
  case Kind::symbol:
    return value == 0 ? name : fmt::format("{}+{:#x}", name, value);
  case Kind::ifunc:
    return fmt::format("IFUNC with resolver {}+{:#x}", name, value);
  case Kind::tls:
    return fmt::format("thread-local {}+{:#x}", name, value);
  case Kind::unknown:
    break;
  }
  return fmt::format("{} (unknown)", name);
}

SlotValue meaning_of_address(const LinkedFile &file, LinkAddr addr) {
  const ElfSection *section = file.elf.at(addr);
  if (!section)
    return {SlotValue::Kind::number, "", static_cast<int64_t>(addr.value)};
  return {SlotValue::Kind::place, std::string(section->name), addr - section->addr};
}

SlotValue meaning_of_relocation(const LinkedFile &file, const DynamicRelocation &r) {
  switch (r.type) {
  case R_X86_64_JUMP_SLOT: // their addend is not used
  case R_X86_64_GLOB_DAT:
    if (r.symbol)
      return {SlotValue::Kind::symbol, r.symbol->text(), 0, r.symbol};
    break;
  case R_X86_64_64:
    if (r.symbol)
      return {SlotValue::Kind::symbol, r.symbol->text(), r.addend, r.symbol};
    break;
  case R_X86_64_RELATIVE: {
    SlotValue meaning = meaning_of_address(file, LinkAddr(static_cast<uint64_t>(r.addend)));
    if (meaning.kind == SlotValue::Kind::number) // moves with the file: no number
      return {SlotValue::Kind::unknown, "address in no section", r.addend};
    return meaning;
  }
  case R_X86_64_IRELATIVE: {
    SlotValue resolver = meaning_of_address(file, LinkAddr(static_cast<uint64_t>(r.addend)));
    resolver.kind = SlotValue::Kind::ifunc;
    return resolver;
  }
  case R_X86_64_COPY:
    if (r.symbol)
      return {SlotValue::Kind::symbol, "copy of " + r.symbol->text(), 0, r.symbol};
    break;
  case R_X86_64_TPOFF64:
  case R_X86_64_DTPMOD64:
  case R_X86_64_DTPOFF64:
  case R_X86_64_TLSDESC:
    return {SlotValue::Kind::tls,
            fmt::format("{} {}", relocation_name(r.type), r.symbol ? r.symbol->text() : "local"),
            r.addend, r.symbol};
  default:
    break;
  }
  return {SlotValue::Kind::unknown, relocation_name(r.type), r.addend};
}

SlotValue meaning_of_slot(const LinkedFile &file, LinkAddr slot) {
  const DynamicRelocation *r = file.dynamic.at(slot);
  if (!r) { // final at link time
    auto content = load_at<uint64_t>(file.elf.read(slot, 8), 0);
    return meaning_of_address(file, LinkAddr(content));
  }
  SlotValue meaning = meaning_of_relocation(file, *r);
  if (r->type == R_X86_64_DTPMOD64) // a plain number behind it is an offset, no address
    meaning.name +=
        file.dynamic.at(slot + 8)
            ? ", offset " + meaning_of_slot(file, slot + 8).text()
            : fmt::format(", offset {:#x}", load_at<int64_t>(file.elf.read(slot + 8, 8), 0));
  return meaning;
}

std::optional<SlotValue> meaning_of_stub(const LinkedFile &file, LinkAddr stub) {
  const ElfSection *section = file.elf.at(stub);
  if (!section || !is_plt(*section))
    return std::nullopt;
  std::optional<uint64_t> slot =
      plt_slot(section->bytes.substr(stub.value - section->addr.value), stub.value);
  const ElfSection *got = slot ? file.elf.at(LinkAddr(*slot)) : nullptr;
  if (!got || !is_got(*got))
    return std::nullopt;
  return meaning_of_slot(file, LinkAddr(*slot));
}

StubsAndSlots find_stubs_and_slots(const LinkedFile &file) {
  StubsAndSlots all;
  for (const ElfSection &section : file.elf.sections()) {
    if (section.alloc() && is_plt(section))
      // Stubs of .plt.got may be 8 bytes apart.
      for (uint64_t at = 0; at + 8 <= section.bytes.size(); at += 8)
        if (auto meaning = meaning_of_stub(file, section.addr + at))
          all.stubs.try_emplace(*meaning, section.addr + at);
    if (section.alloc() && is_got(section))
      for (uint64_t at = 0; at + 8 <= section.bytes.size(); at += 8)
        all.slots.try_emplace(meaning_of_slot(file, section.addr + at), section.addr + at);
  }
  return all;
}

} // namespace care::tool
