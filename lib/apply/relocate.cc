// SPDX-License-Identifier: GPL-2.0-or-later
//
// x86-64 psABI, table 4.9: S symbol value, A addend, P the place's address.
#include "lib/apply/relocate.h"

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

bool needs_low_addresses(const PatchFile &patch) {
  return std::any_of(patch.relocations.begin(), patch.relocations.end(),
                     [](const PatchRelocation &r) {
                       return (r.type == R_X86_64_32 || r.type == R_X86_64_32S) &&
                              std::holds_alternative<InsideTarget>(r.target);
                     });
}

} // namespace care
