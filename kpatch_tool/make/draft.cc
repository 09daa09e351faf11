// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_tool/make/draft.h"

#include <algorithm>
#include <cstring>
#include <elf.h>

#include "lib/base/error.h"

namespace care::tool {

namespace {

uint64_t align_up(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

SectionOffsets lay_out(const Draft &draft, PatchFile &patch) {
  SectionOffsets offsets(draft.sections.size(), 0);
  uint64_t end = 0;
  for (size_t g = 0; g < kGroupCount; g++) {
    uint64_t begin = end = align_up(end, kImagePage);
    for (size_t i = 0; i < draft.sections.size(); i++) {
      const ImageSection &s = draft.sections[i];
      if (static_cast<size_t>(s.group) != g || s.size == 0)
        continue;
      offsets[i] = end = align_up(end, s.align);
      end += s.size;
      patch.sections.push_back(s);
      patch.sections.back().offset = offsets[i];
    }
    end = align_up(end, kImagePage);
    if (end > begin)
      patch.groups[g] = {begin, end - begin};
  }
  patch.image_size = end;
  if (end > kMaxImageSize)
    throw error(ExitCode::unsupported, "the patch has {} bytes, more than can be in reach", end);
  return offsets;
}

// Writes S + A - P for a target in the image.
void write_distance(PatchFile &patch, uint64_t place, uint64_t target, int64_t addend,
                    unsigned width) {
  auto value = static_cast<int64_t>(target + static_cast<uint64_t>(addend) - place);
  for (ImageSection &s : patch.sections)
    if (place >= s.offset && place - s.offset + width <= s.bytes.size())
      std::memcpy(s.bytes.data() + (place - s.offset), &value, width);
}

RelocationTarget final_target(const DraftTarget &target, const SectionOffsets &offsets) {
  if (const auto *inside = std::get_if<DraftPlace>(&target))
    return InsideTarget{offsets[inside->section] + inside->offset};
  if (const auto *module = std::get_if<ModuleTarget>(&target))
    return *module;
  if (const auto *own = std::get_if<OwnTlsTarget>(&target))
    return *own;
  if (const auto *tls = std::get_if<ModuleTlsTarget>(&target))
    return *tls;
  return std::get<ImportTarget>(target);
}

bool pc_relative(uint32_t type) {
  return type == R_X86_64_PC32 || type == R_X86_64_PLT32 || type == R_X86_64_PC64;
}

} // namespace

size_t Draft::section(const std::string &name, Group group, uint64_t align) {
  for (size_t i = 0; i < sections.size(); i++)
    if (sections[i].name == name)
      return i;
  ImageSection s;
  s.name = name;
  s.group = group;
  s.align = align;
  sections.push_back(std::move(s));
  return sections.size() - 1;
}

size_t Draft::import(const PatchImport &import) {
  for (size_t i = 0; i < imports.size(); i++)
    if (imports[i].text() == import.text())
      return i;
  imports.push_back(import);
  return imports.size() - 1;
}

SectionOffsets finish(const Draft &draft, PatchFile &patch) {
  SectionOffsets offsets = lay_out(draft, patch);
  auto image_offset = [&](const DraftPlace &place) {
    return offsets[place.section] + place.offset;
  };
  for (const DraftSymbol &s : draft.symbols)
    if (draft.sections[s.place.section].size > 0)
      patch.symbols.push_back({s.name, image_offset(s.place), s.size, s.function});
  patch.imports = draft.imports;
  for (const DraftRelocation &r : draft.relocations) {
    uint64_t place = image_offset(r.place);
    RelocationTarget target = final_target(r.target, offsets);
    if (const auto *inside = std::get_if<InsideTarget>(&target); inside && pc_relative(r.type))
      write_distance(patch, place, inside->offset, r.addend, relocation_width(r.type));
    if (!r.resolved_by_layout)
      patch.relocations.push_back({place, r.type, target, r.addend, r.symbol});
  }
  patch.tls = draft.tls;
  for (const DraftRelocation &r : draft.tls_relocations)
    patch.tls.relocations.push_back(
        {r.place.offset, r.type, final_target(r.target, offsets), r.addend, r.symbol});
  return offsets;
}

} // namespace care::tool
