// SPDX-License-Identifier: GPL-2.0-or-later
//
// Calls of library functions in the target: functions that take locks and allocate,
// such as dlopen() and __register_frame_info().
//
// One quiet thread (borrowable_thread.h) is borrowed for as long as `body` runs, all
// others run on: one of them may hold the lock that the function waits for. While
// none is quiet it is tried again, with pauses.
//
// The borrowed thread gets back its registers (vector registers too) and its errno.
// Programs without an __errno_location in any object (static ones) are refused.
//
// At the deadline a call that has done nothing but wait for its first lock is given
// up, and the target is as before. A call that got further is waited for: a dlopen
// that is cut off would keep the dynamic linker's lock for ever.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "lib/target/target.h"

namespace care {

// Throws Error: unsafe when no thread was quiet, or a lock not to be had, until
// `timeout`; unsupported without a C library. What `body` throws goes on to the
// caller, with the thread put back.
void with_library_call(const Target &target, std::chrono::milliseconds timeout,
                       const std::function<void(InjectedCalls &)> &body);

// The function that `name` stands for in the target's first link chain; 0 when no
// object defines it. For an indirect function, what the target itself uses (an Error
// when that is not known).
RemoteAddr find_function(Target &target, const std::string &name);

} // namespace care
