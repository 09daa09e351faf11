// SPDX-License-Identifier: GPL-2.0-or-later
//
// How ld and lld relax thread-local code (psABI, "TLS Code Sequences"): the
// displacement of a rip-relative operand stands directly behind its ModRM byte
// (mod 00, r/m 101). Where that byte is gone, the operand is gone too, and with it
// the reference: what stands there now is a constant.
#include "kpatch_tool/proof/reference.h"

#include <algorithm>

#include "lib/patchfile/patch_file.h"

namespace care::tool {

namespace {

// ld appends the version to undefined symbols in .symtab: getenv@GLIBC_2.2.5.
std::string_view plain_name(std::string_view name) {
  return name.substr(0, name.find('@'));
}

bool is_tls_access(uint32_t type) {
  return type == R_X86_64_GOTTPOFF || type == R_X86_64_TLSGD || type == R_X86_64_TLSLD ||
         type == R_X86_64_GOTPC32_TLSDESC;
}

bool is_tls_constant(uint32_t type) {
  return type == R_X86_64_TPOFF32 || type == R_X86_64_DTPOFF32 || type == R_X86_64_TPOFF64 ||
         type == R_X86_64_DTPOFF64 || type == R_X86_64_SIZE32 || type == R_X86_64_SIZE64;
}

unsigned width_of(uint32_t type) {
  if (unsigned width = relocation_width(type))
    return width;
  switch (type) {
  case R_X86_64_GOTPCREL:
  case R_X86_64_GOTPCRELX:
  case R_X86_64_REX_GOTPCRELX:
  case R_X86_64_GOTPC32:
    return 4;
  case R_X86_64_TPOFF64:
  case R_X86_64_DTPOFF64:
  case R_X86_64_SIZE64:
  case R_X86_64_GOTPC64:
    return 8;
  default:
    return is_tls_access(type) || is_tls_constant(type) ? 4 : 0;
  }
}

bool is_pc_relative(uint32_t type) {
  return type != R_X86_64_64 && type != R_X86_64_32 && type != R_X86_64_32S;
}

int64_t value_at(std::string_view bytes, uint64_t offset, unsigned width, bool is_unsigned) {
  if (width == 8)
    return load_at<int64_t>(bytes, offset);
  if (is_unsigned)
    return load_at<uint32_t>(bytes, offset);
  return load_at<int32_t>(bytes, offset);
}

uint8_t byte_before(std::string_view bytes, uint64_t offset) {
  return offset > 0 ? static_cast<uint8_t>(bytes[offset - 1]) : 0;
}

// But 04 25 is a ModRM byte with a SIB byte: %fs:0, the relaxed local-dynamic call.
bool rip_relative_operand(std::string_view bytes, uint64_t offset) {
  if (byte_before(bytes, offset) == 0x25 && offset > 1 && byte_before(bytes, offset - 1) == 0x04)
    return false;
  return (byte_before(bytes, offset) & 0xc7) == 0x05;
}

// The call in a general- or local-dynamic sequence that the linker rewrote: no
// longer a call, and at its place either a slot (initial-exec) or a constant.
bool call_is_gone(std::string_view bytes, uint64_t offset) {
  uint8_t before = byte_before(bytes, offset);
  return before != 0xe8 && before != 0xe9 && !rip_relative_operand(bytes, offset);
}

const ElfSection *section_of(const LinkedFile &file, const Reference &ref) {
  const ElfSymbol &s = *ref.symbol;
  // The section of the relocation's symbol decides: an address at the border of two
  // sections belongs to either.
  if (s.section != SHN_UNDEF && s.section < SHN_LORESERVE && s.value == ref.base)
    return file.elf.by_index(s.section);
  if (s.section == SHN_ABS && s.value == ref.base)
    return nullptr;
  return file.elf.at(ref.base);
}

// Relaxed by the linker into another form (lea or an immediate instead of a GOT
// load): lld keeps the original type. The symbol's address gives it away.
bool relaxed_to_immediate(const LinkedFile &file, const Reference &ref, int64_t value) {
  if (ref.type != R_X86_64_GOTPCRELX && ref.type != R_X86_64_REX_GOTPCRELX)
    return false;
  return file.elf.type() == ET_EXEC && ref.symbol->defined() &&
         static_cast<uint64_t>(value) == ref.symbol->value.value;
}

} // namespace

std::string Reference::name(const LinkedFile &file) const {
  if (symbol && !symbol->name.empty())
    return std::string(plain_name(symbol->name));
  const ElfSection *s = symbol ? file.elf.by_index(symbol->section) : section;
  return s ? std::string(s->name) : "*ABS*";
}

Reference decode_reference(const LinkedFile &file, const ElfSection &section,
                           const ElfRelocation &r) {
  Reference ref;
  ref.type = r.type;
  ref.place = LinkAddr(r.offset);
  ref.addend = r.addend;
  if (r.symbol >= file.symbols.size())
    throw file.elf.bad("{}: relocation against symbol {}", section.name, r.symbol);
  ref.symbol = &file.symbols[r.symbol];
  if (r.type == R_X86_64_NONE || r.type == R_X86_64_TLSDESC_CALL)
    return ref;
  ref.width = width_of(r.type);
  if (ref.width == 0) {
    ref.kind = Reference::Kind::unsupported;
    return ref;
  }
  uint64_t offset = r.offset - section.addr.value;
  if (!in_bounds(offset, ref.width, section.bytes.size()))
    throw file.elf.bad("{}: relocation at {} lies outside it", section.name, ref.place);

  ref.kind = Reference::Kind::constant;
  if (is_tls_constant(r.type))
    return ref;
  if (is_tls_access(r.type) && !rip_relative_operand(section.bytes, offset))
    return ref;
  if (plain_name(ref.symbol->name) == "__tls_get_addr" && section.flags & SHF_EXECINSTR &&
      call_is_gone(section.bytes, offset))
    return ref;
  if (r.type == R_X86_64_64) {
    ref.fill = file.dynamic.at(ref.place);
    if (ref.fill) {
      ref.kind = Reference::Kind::dynamic;
      ref.base = LinkAddr(static_cast<uint64_t>(ref.fill->addend - r.addend));
      if (!ref.fill->symbol)
        ref.section = section_of(file, ref);
      return ref;
    }
  }
  ref.kind = Reference::Kind::address;
  ref.pc_relative = is_pc_relative(r.type);
  int64_t value = value_at(section.bytes, offset, ref.width, r.type == R_X86_64_32);
  if (ref.pc_relative && relaxed_to_immediate(file, ref, value)) {
    ref.pc_relative = false;
    ref.addend = 0;
  }
  uint64_t from = ref.pc_relative ? ref.place.value : 0;
  ref.base = LinkAddr(from + static_cast<uint64_t>(value - ref.addend));
  ref.section = section_of(file, ref);
  return ref;
}

std::vector<ElfRelocation> sorted_relocations(const LinkedFile &file, const ElfSection &section) {
  const ElfSection *rela = file.elf.emitted_relocations(section);
  if (!rela)
    return {};
  std::vector<ElfRelocation> relocations = file.elf.relocations(*rela);
  std::stable_sort(relocations.begin(), relocations.end(),
                   [](const auto &a, const auto &b) { return a.offset < b.offset; });
  return relocations;
}

} // namespace care::tool
