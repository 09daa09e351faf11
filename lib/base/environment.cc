// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/environment.h"

#include <cstdlib>

namespace care {

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value != nullptr ? value : "";
}

} // namespace care
