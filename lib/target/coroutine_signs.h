// SPDX-License-Identifier: GPL-2.0-or-later
//
// Does a program make stacks of its own? By what its objects import and define: the
// functions that make and switch contexts, and the libraries that do.
#pragma once

#include "lib/coroutines/check.h"
#include "lib/target/target.h"

namespace care {

CoroutineSigns coroutine_signs(Target &target);

} // namespace care
