// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace care {

// Value of an environment variable; empty when it is unset, which none of our
// variables tells from set and empty.
std::string environment(const char *name);

// The program that execvp() would start: the first executable `name` in PATH, or `name`
// itself when it holds a slash; empty when there is none.
std::string find_in_path(const std::string &name);

} // namespace care
