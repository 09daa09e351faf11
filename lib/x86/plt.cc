// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/plt.h"

#include <cstring>

#include "lib/x86/patch_site.h"

namespace care {

std::optional<uint64_t> plt_slot(std::string_view code, uint64_t address) {
  uint64_t at = 0;
  if (code.substr(0, kEndbr64.size()) == kEndbr64)
    at += kEndbr64.size();
  if (at < code.size() && code[at] == '\xf2') // bnd
    at++;
  if (code.size() < at + 6 || code.substr(at, 2) != "\xff\x25")
    return std::nullopt;
  int32_t distance;
  std::memcpy(&distance, code.data() + at + 2, sizeof distance);
  return address + at + 6 + static_cast<uint64_t>(static_cast<int64_t>(distance));
}

void write_stub(char (&bytes)[kStubSize], uint64_t address, uint64_t slot) {
  std::memset(bytes, '\xcc', kStubSize); // int3 behind the jump: nothing falls through
  std::memcpy(bytes, "\xff\x25", 2);
  auto distance = static_cast<int32_t>(slot - (address + 6));
  std::memcpy(bytes + 2, &distance, sizeof distance);
}

} // namespace care
