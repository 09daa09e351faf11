// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/extern_access.h"

#include "lib/base/error.h"

namespace care {

std::string reach_foreign(std::string_view instruction, std::string_view symbol, bool) {
  throw error(ExitCode::unsupported, "cannot reach {} from {}", symbol, instruction);
}

} // namespace care
