// SPDX-License-Identifier: GPL-2.0-or-later
//
// Thread-local storage that the linker did not turn into constants.
//
// *Existing variables.* Code of the patch goes through slots of .got that hold an
// offset from the thread pointer (initial-exec), a module number and an offset
// (general- and local-dynamic), or a descriptor. Where the target has such a slot,
// it is used; otherwise the patch gets one of its own, which the doctor fills. A
// descriptor of the patch names a resolver of the patch, since only the dynamic linker
// knows its own. The resolver calls __tls_get_addr and keeps every register, as the
// descriptor convention requires.
//
// *New variables* come as .kpatch.tdata and .kpatch.tbss, plain sections without a
// place in the program's own thread-local block, which must not grow. Together they
// become the patch's block. Code reaches them through the words of .kpatch.tpoff
// and .kpatch.dtpoff, which the link has filled with their addresses.
#include <algorithm>
#include <cstring>

#include "kpatch_tool/make/bind_references.h"

namespace care::tool {

namespace {

// endbr64; push %rbp; mov %rsp, %rbp; push rdi rsi rdx rcx r8 r9 r10 r11 rbx;
// mov 8(%rax), %rdi; and $-64, %rsp; sub $2752, %rsp; the header of the save area
// (bytes 512 to 575, Intel SDM 13.4.2) zeroed; xsave64 (%rsp) of the x87, SSE, AVX
// and AVX-512 state; call *slot(%rip); xrstor64; result less %fs:0; all popped; ret.
constexpr char kResolver[] =
    "\xf3\x0f\x1e\xfa\x55\x48\x89\xe5\x57\x56\x52\x51\x41\x50\x41\x51\x41\x52\x41\x53\x53"
    "\x48\x8b\x78\x08\x48\x83\xe4\xc0\x48\x81\xec\xc0\x0a\x00\x00\x31\xc0"
    "\x48\x89\x84\x24\x00\x02\x00\x00\x48\x89\x84\x24\x08\x02\x00\x00"
    "\x48\x89\x84\x24\x10\x02\x00\x00\x48\x89\x84\x24\x18\x02\x00\x00"
    "\x48\x89\x84\x24\x20\x02\x00\x00\x48\x89\x84\x24\x28\x02\x00\x00"
    "\x48\x89\x84\x24\x30\x02\x00\x00\x48\x89\x84\x24\x38\x02\x00\x00"
    "\xb8\xe7\x00\x00\x00\x31\xd2\x48\x0f\xae\x24\x24\xff\x15\x00\x00\x00\x00\x48\x89\xc3"
    "\xb8\xe7\x00\x00\x00\x31\xd2\x48\x0f\xae\x2c\x24\x48\x89\xd8"
    "\x64\x48\x2b\x04\x25\x00\x00\x00\x00\x48\x8d\x65\xb8"
    "\x5b\x41\x5b\x41\x5a\x41\x59\x41\x58\x59\x5a\x5e\x5f\x5d\xc3";
constexpr uint64_t kResolverSize = sizeof kResolver - 1;
constexpr uint64_t kResolverCall = 116; // offset of the call's displacement
constexpr uint64_t kResolverAlign = 16;

} // namespace

void Relocator::add_tls_block() {
  const ElfFile &elf = pair_.instrumented.elf;
  PatchTls &tls = draft_.tls;
  for (const char *name : {".kpatch.tdata", ".kpatch.tbss"}) {
    const ElfSection *s = elf.find(name);
    if (!s || s->size == 0)
      continue;
    uint64_t align = std::max<uint64_t>(s->align, 1);
    uint64_t offset = (tls.bytes.size() + align - 1) / align * align;
    if (s->size > kMaxTlsSize || offset + s->size > kMaxTlsSize)
      throw error(ExitCode::unsupported,
                  "{}: {} bytes of new thread-local variables, more than {} cannot be given to "
                  "threads that already run",
                  elf.path(), offset + s->size, kMaxTlsSize)
          .with_hint("keep a pointer in the thread-local variable and allocate what it points to");
    if (align > kImagePage)
      throw error(ExitCode::unsupported, "{}: a new thread-local variable wants an alignment of {}",
                  elf.path(), align);
    tls.align = std::max(tls.align, align);
    tls.bytes.resize(offset, '\0');
    if (!s->nobits())
      tls.bytes += s->bytes;
    tls.bytes.resize(offset + s->size, '\0');
    tls_sections_[s->index] = offset;
  }
}

uint64_t Relocator::tls_offset(LinkAddr addr) const {
  const ElfSection *section = pair_.instrumented.elf.at(addr);
  auto known = section ? tls_sections_.find(section->index) : tls_sections_.end();
  if (known == tls_sections_.end())
    throw pair_.instrumented.elf.bad("{} is not in .kpatch.tdata or .kpatch.tbss",
                                     pair_.instrumented.describe(addr));
  return known->second + (addr - section->addr);
}

// An address in the initial value of a new thread-local variable.
void Relocator::add_initial_value(const Reference &ref, const DraftTarget &target) {
  if (patch_type(ref) != R_X86_64_64 || std::holds_alternative<OwnTlsTarget>(target))
    throw cannot_carry(ref, relocation_name(ref.type) + " in the initial value of a new "
                                                        "thread-local variable");
  DraftPlace place{0, tls_offset(ref.place)};
  std::memset(draft_.tls.bytes.data() + place.offset, 0, ref.width);
  draft_.tls_relocations.push_back(
      {place, R_X86_64_64, target, ref.addend, ref.name(pair_.instrumented)});
}

// A word of .kpatch.tpoff or .kpatch.dtpoff. In an executable the linker has turned
// local-dynamic code into offsets from the thread pointer.
uint32_t Relocator::new_variable_type(const ElfSection &section, const Reference &ref) const {
  bool executable = !is_library_;
  if (patch_type(ref) == R_X86_64_64 && section.name == ".kpatch.tpoff")
    return R_X86_64_TPOFF64;
  if (patch_type(ref) == R_X86_64_64 && section.name == ".kpatch.dtpoff")
    return executable ? R_X86_64_TPOFF64 : R_X86_64_DTPOFF64;
  throw cannot_carry(ref, "address of a new thread-local variable");
}

// The base of a dynamic relocation. A symbol is looked up by name, also an exported one of
// the module itself, because another object can interpose it.
DraftTarget Relocator::tls_target(const DynamicRelocation &r) {
  if (!r.symbol)
    return ModuleTlsTarget{0};
  SlotValue meaning{SlotValue::Kind::symbol, r.symbol->text(), 0, r.symbol};
  ImportTarget import = import_of(meaning);
  draft_.imports[import.index].kind = ImportKind::tls;
  return import;
}

DraftPlace Relocator::resolver() {
  if (resolver_)
    return *resolver_;
  size_t index = draft_.section(".kpatch.plt", Group::text, kResolverAlign);
  ImageSection &plt = draft_.sections[index];
  plt.align = kResolverAlign;
  plt.bytes.resize((plt.size + kResolverAlign - 1) / kResolverAlign * kResolverAlign, '\xcc');
  DraftPlace place{index, plt.bytes.size()};
  plt.bytes.append(kResolver, kResolverSize);
  plt.bytes.resize((plt.bytes.size() + kResolverAlign - 1) / kResolverAlign * kResolverAlign,
                   '\xcc');
  plt.size = plt.bytes.size();
  resolver_ = place;
  PatchImport import{"__tls_get_addr", "", ImportKind::function, false};
  DraftPlace slot = new_slots(1);
  draft_.relocations.push_back(
      {slot, R_X86_64_64, ImportTarget{draft_.import(import)}, 0, import.name});
  draft_.symbols.push_back({"__tls_get_addr@got", slot, 8, false});
  draft_.relocations.push_back(
      {{index, place.offset + kResolverCall}, R_X86_64_PC32, slot, -4, "__tls_get_addr@got"});
  draft_.symbols.push_back({"tls_descriptor_resolver", place, kResolverSize, true});
  return place;
}

DraftPlace Relocator::new_slots(size_t count) {
  size_t index = draft_.section(".kpatch.got", Group::rodata, 8);
  ImageSection &got = draft_.sections[index];
  DraftPlace slot{index, got.size};
  got.align = 8;
  got.size += 8 * count;
  got.bytes.resize(got.size, '\0');
  return slot;
}

// Module number and offset, for __tls_get_addr.
DraftPlace Relocator::tls_pair(const DynamicRelocation &r, int64_t offset,
                               const std::string &name) {
  DraftPlace pair = new_slots(2);
  DraftTarget target = tls_target(r);
  draft_.relocations.push_back({pair, R_X86_64_DTPMOD64, target, 0, name});
  draft_.relocations.push_back(
      {{pair.section, pair.offset + 8}, R_X86_64_DTPOFF64, target, offset, name});
  draft_.symbols.push_back({name + "@tlsgd", pair, 16, false});
  return pair;
}

DraftPlace Relocator::tls_slot_for(const Reference &ref, const SlotValue &meaning) {
  auto known = own_slots_.find(meaning);
  if (known != own_slots_.end())
    return known->second;
  const LinkedFile &file = pair_.instrumented;
  const DynamicRelocation &r = *file.dynamic.at(ref.base);
  std::string name = r.symbol ? r.symbol->name : ref.name(file);
  DraftPlace slot;
  if (r.type == R_X86_64_TPOFF64) {
    slot = new_slots(1);
    draft_.relocations.push_back({slot, R_X86_64_TPOFF64, tls_target(r), r.addend, name});
    draft_.symbols.push_back({name + "@gottpoff", slot, 8, false});
  } else if (r.type == R_X86_64_DTPMOD64) {
    const DynamicRelocation *second = file.dynamic.at(ref.base + 8);
    int64_t offset = second ? second->addend : load_at<int64_t>(file.elf.read(ref.base + 8, 8), 0);
    slot = tls_pair(r, offset, name);
  } else if (r.type == R_X86_64_TLSDESC) {
    DraftPlace pair = tls_pair(r, r.addend, name);
    DraftPlace code = resolver();
    slot = new_slots(2);
    draft_.relocations.push_back({slot, R_X86_64_64, code, 0, "tls_descriptor_resolver"});
    draft_.relocations.push_back(
        {{slot.section, slot.offset + 8}, R_X86_64_64, pair, 0, name + "@tlsgd"});
    draft_.symbols.push_back({name + "@tlsdesc", slot, 16, false});
  } else {
    throw cannot_carry(ref, meaning.text() + " cannot be carried");
  }
  own_slots_.emplace(meaning, slot);
  return slot;
}

} // namespace care::tool
