// SPDX-License-Identifier: GPL-2.0-or-later
//
// The image of a patch as it will stand in the target: sections put together,
// the three kinds of reference resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/address.h"
#include "lib/patchfile/patch_file.h"

namespace care {

// Where a block of thread-local storage is.
struct TlsBlock {
  uint64_t module = 0;           // number of its object; 0: unknown
  std::optional<int64_t> offset; // from the thread pointer; nothing: not fixed
  std::string object;            // for messages
};

// What the references are measured against.
struct Relocations {
  RemoteAddr image;              // where the image will stand
  LoadBias bias;                 // of the target object
  std::vector<uint64_t> imports; // values, indexed as PatchFile::imports
  // Thread-local storage: of the target object, of the object that defines the
  // import (indexed alike), and the block of the patch itself.
  TlsBlock module_tls = {};
  std::vector<TlsBlock> import_tls = {};
  int64_t own_tls = 0; // from the thread pointer
};

// image_size bytes. Throws Error does_not_fit naming symbol, relocation and both
// addresses when a value does not fit its field; unsupported when a thread-local
// variable has no fixed place and the code wants one.
std::string relocate_image(const PatchFile &patch, const Relocations &values);

// The first value of the patch's own thread-local variables.
std::string relocate_tls(const PatchFile &patch, const Relocations &values);

// Does the patch refer to existing thread-local variables through slots of its own?
bool needs_tls_blocks(const PatchFile &patch);

// Does the patch hold its own addresses in 32 bits? Then it has to be placed low.
bool needs_low_addresses(const PatchFile &patch);

} // namespace care
