// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/elf/byte_source.h"

#include <cstring>

#include "lib/base/error.h"

namespace care {

bool TextSource::try_read_at(uint64_t place, void *buffer, size_t size) {
  if (place > bytes_.size() || size > bytes_.size() - place)
    return false;
  std::memcpy(buffer, bytes_.data() + place, size);
  return true;
}

void TextSource::read_at(uint64_t place, void *buffer, size_t size) {
  if (!try_read_at(place, buffer, size))
    throw error(ExitCode::bad_input, "{} is cut off at {}", what_, place);
}

} // namespace care
