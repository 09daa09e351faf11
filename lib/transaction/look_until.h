// SPDX-License-Identifier: GPL-2.0-or-later
//
// Waiting for something that only shows while the target stands still, and that its
// threads bring about by running on: that none holds some address any more.
#pragma once

#include <functional>

#include "lib/control/stopped_threads.h"
#include "lib/target/target.h"

namespace care {

// Calls `look` with all threads stopped, in short stops that come less and less often,
// until it returns true. False when it has not by `deadline`, after some looks at least. A stop to
// which some thread does not come in time counts as a look that returned false.
bool look_until(const Target &target, Clock::time_point deadline,
                const std::function<bool(const StoppedThreads &)> &look);

} // namespace care
