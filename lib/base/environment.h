// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace care {

// Value of an environment variable; empty when it is unset, which none of our
// variables tells from set and empty.
std::string environment(const char *name);

} // namespace care
