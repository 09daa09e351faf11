// SPDX-License-Identifier: GPL-2.0-or-later
//
// A patch in the making. Its sections are known, but their places in the image are not yet,
// since each reference can add stubs and slots. Places are (section, offset) until
// finish() lays the sections out and turns the draft into a PatchFile.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "lib/patchfile/patch_file.h"

namespace care::tool {

struct DraftPlace {
  size_t section = 0; // in Draft::sections
  uint64_t offset = 0;
};
using DraftTarget =
    std::variant<DraftPlace, ModuleTarget, ImportTarget, OwnTlsTarget, ModuleTlsTarget>;

struct DraftRelocation {
  DraftPlace place;
  uint32_t type = 0; // one of those that a .kpatch carries
  DraftTarget target;
  int64_t addend = 0;
  std::string symbol;
  // Inside the image and pc-relative: written at layout, not kept in the file.
  bool resolved_by_layout = false;
};

struct DraftSymbol {
  std::string name;
  DraftPlace place;
  uint64_t size = 0;
  bool function = false;
};

struct Draft {
  // Sections in image order within their groups; `offset` is not set yet.
  std::vector<ImageSection> sections;
  std::vector<DraftRelocation> relocations;
  PatchTls tls;                                 // without relocations
  std::vector<DraftRelocation> tls_relocations; // places: offsets in tls.bytes
  std::vector<DraftSymbol> symbols;
  std::vector<PatchImport> imports;

  // The section of that name, added at the end of its group when new.
  size_t section(const std::string &name, Group group, uint64_t align);
  size_t import(const PatchImport &import);
};

// The place of each draft section: image offsets by section number.
using SectionOffsets = std::vector<uint64_t>;

// Gives every section its place (empty ones are dropped), resolves the references that can
// be resolved, and fills sections, groups, symbols, imports and relocations of the patch.
// Pc-relative values inside the image are written even where the relocation is kept:
// disassemblers show them.
SectionOffsets finish(const Draft &draft, PatchFile &patch);

} // namespace care::tool
