// SPDX-License-Identifier: GPL-2.0-or-later
//
// x86-64 psABI, table 4.9: S symbol value, A addend, P the place's address.
#include "lib/resolve/relocate.h"

#include <algorithm>
#include <cstring>

#include <elf.h>

#include "lib/base/error.h"

namespace care {

namespace {

uint64_t target_value(const PatchRelocation &r, const Relocations &values) {
  if (const auto *inside = std::get_if<InsideTarget>(&r.target))
    return values.image.value + inside->offset;
  if (const auto *module = std::get_if<ModuleTarget>(&r.target))
    return (values.bias + module->addr).value;
  return values.imports.at(std::get<ImportTarget>(r.target).index);
}

// The value for the field, and whether the field can hold it.
struct FieldValue {
  uint64_t value = 0;
  bool fits = true;
};

FieldValue field_value(uint32_t type, uint64_t s, int64_t a, RemoteAddr p) {
  uint64_t absolute = s + static_cast<uint64_t>(a);
  uint64_t relative = absolute - p.value;
  auto fits_signed = [](uint64_t v) {
    return static_cast<int64_t>(v) == static_cast<int32_t>(static_cast<uint32_t>(v));
  };
  switch (type) {
  case R_X86_64_64:
    return {absolute, true};
  case R_X86_64_PC64:
    return {relative, true};
  case R_X86_64_32:
    return {absolute, absolute <= UINT32_MAX};
  case R_X86_64_32S:
    return {absolute, fits_signed(absolute)};
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
    return {relative, fits_signed(relative)};
  default:
    throw error(ExitCode::bad_input, "relocation {} is not known here", relocation_name(type));
  }
}

std::string symbol_text(const PatchFile &patch, const PatchRelocation &r);

// The block that a thread-local target lies in, and its place there.
struct TlsPlace {
  TlsBlock block;
  uint64_t offset = 0;
};

TlsPlace tls_place(const PatchRelocation &r, const Relocations &values) {
  if (const auto *own = std::get_if<OwnTlsTarget>(&r.target))
    return {{0, values.own_tls, "the patch"}, own->offset};
  if (const auto *module = std::get_if<ModuleTlsTarget>(&r.target))
    return {values.module_tls, module->offset};
  size_t index = std::get<ImportTarget>(r.target).index;
  return {values.import_tls.at(index), values.imports.at(index)};
}

int64_t fixed_place(const PatchFile &patch, const PatchRelocation &r, const TlsBlock &block) {
  if (block.offset)
    return *block.offset;
  throw error(ExitCode::unsupported,
              "{}: {} allocates its thread-local variables in each thread at first use, the "
              "patch wants them at a fixed place",
              symbol_text(patch, r), block.object)
      .with_hint("compile the fix with -ftls-model=global-dynamic, or use new thread-local "
                 "variables in functions that use no old ones");
}

// glibc's elf_machine_rela for TPOFF64, DTPMOD64 and DTPOFF64, in our words. A weak
// import that no object defines is 0 throughout.
uint64_t tls_value(const PatchFile &patch, const PatchRelocation &r, const Relocations &values) {
  TlsPlace place = tls_place(r, values);
  if (std::holds_alternative<ImportTarget>(r.target) && place.block.object.empty())
    return 0;
  auto offset = static_cast<int64_t>(place.offset) + r.addend;
  if (r.type == R_X86_64_DTPMOD64) {
    if (place.block.module == 0)
      throw error(ExitCode::unsupported, "{}: no thread-local module number of {} is to be found",
                  symbol_text(patch, r), place.block.object);
    return place.block.module;
  }
  if (r.type == R_X86_64_TPOFF64)
    offset += fixed_place(patch, r, place.block);
  else if (std::holds_alternative<OwnTlsTarget>(r.target)) // measured from the module's block
    offset += values.own_tls - fixed_place(patch, r, values.module_tls);
  return static_cast<uint64_t>(offset);
}

std::string symbol_text(const PatchFile &patch, const PatchRelocation &r) {
  if (const auto *import = std::get_if<ImportTarget>(&r.target))
    return patch.imports.at(import->index).text();
  return r.symbol.empty() ? "(no name)" : r.symbol;
}

} // namespace

std::string relocate_image(const PatchFile &patch, const Relocations &values) {
  std::string image(patch.image_size, '\0');
  for (const ImageSection &s : patch.sections) {
    if (!s.nobits)
      image.replace(s.offset, s.bytes.size(), s.bytes);
  }
  for (const PatchRelocation &r : patch.relocations) {
    if (is_tls_relocation(r.type)) {
      uint64_t value = tls_value(patch, r, values);
      memcpy(image.data() + r.place, &value, sizeof value);
      continue;
    }
    RemoteAddr place = values.image + r.place;
    uint64_t symbol = target_value(r, values);
    FieldValue field = field_value(r.type, symbol, r.addend, place);
    if (!field.fits)
      throw error(ExitCode::does_not_fit, "{}: {} at {} cannot reach {}{:+d}",
                  symbol_text(patch, r), relocation_name(r.type), place, RemoteAddr(symbol),
                  r.addend);
    memcpy(image.data() + r.place, &field.value, relocation_width(r.type));
  }
  return image;
}

std::string relocate_tls(const PatchFile &patch, const Relocations &values) {
  std::string bytes = patch.tls.bytes;
  for (const PatchRelocation &r : patch.tls.relocations) {
    uint64_t value = target_value(r, values) + static_cast<uint64_t>(r.addend);
    memcpy(bytes.data() + r.place, &value, sizeof value);
  }
  return bytes;
}

bool needs_tls_blocks(const PatchFile &patch) {
  return std::any_of(
      patch.relocations.begin(), patch.relocations.end(), [](const PatchRelocation &r) {
        return is_tls_relocation(r.type) &&
               (!std::holds_alternative<OwnTlsTarget>(r.target) || r.type == R_X86_64_DTPOFF64);
      });
}

bool needs_low_addresses(const PatchFile &patch) {
  return std::any_of(patch.relocations.begin(), patch.relocations.end(),
                     [](const PatchRelocation &r) {
                       return (r.type == R_X86_64_32 || r.type == R_X86_64_32S) &&
                              std::holds_alternative<InsideTarget>(r.target);
                     });
}

} // namespace care
