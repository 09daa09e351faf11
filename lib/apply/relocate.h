// SPDX-License-Identifier: GPL-2.0-or-later
//
// The image of a patch as it will stand in the target: sections put together,
// the three kinds of reference resolved.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/address.h"
#include "lib/patchfile/patch_file.h"

namespace care {

// What the references are measured against.
struct Relocations {
  RemoteAddr image;              // where the image will stand
  LoadBias bias;                 // of the target object
  std::vector<uint64_t> imports; // values, indexed as PatchFile::imports
};

// image_size bytes. Throws Error does_not_fit naming symbol, relocation and both
// addresses when a value does not fit its field.
std::string relocate_image(const PatchFile &patch, const Relocations &values);

// Does the patch hold its own addresses in 32 bits? Then it has to be placed low.
bool needs_low_addresses(const PatchFile &patch);

} // namespace care
