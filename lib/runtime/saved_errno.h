// SPDX-License-Identifier: GPL-2.0-or-later
//
// errno belongs to the thread: a function that is called in a borrowed one must not
// leave its own behind.
#pragma once

#include "lib/target/target.h"

namespace care {

// int *__errno_location(void) of the C library that the target's objects use; 0 in a
// static program.
RemoteAddr errno_function(const Target &target);

// From now on each function that `calls` calls leaves the borrowed thread's errno as it
// is now, whether we live to see its end or not. `errno_location` is what
// errno_function() returned; with 0 nothing is kept.
void keep_errno(InjectedCalls &calls, RemoteAddr errno_location);

} // namespace care
