// SPDX-License-Identifier: GPL-2.0-or-later
//
// libFuzzer's way to fuzz_patchfile(); see targets.h.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  care::fuzz_patchfile({reinterpret_cast<const char *>(data), size});
  return 0;
}
