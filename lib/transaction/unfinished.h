// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commits and undos that a doctor began and did not live to finish.
//
// The jumps of a commit are written one after another while all threads stand still.
// Should the doctor die between two of them the threads go on at once, and some functions
// are new, some old; each is one or the other as a whole. What was meant is plain from
// what stands: a staged region to which a jump leads was being committed, since nothing
// is missing of it by then; a committed one of which a jump is gone was being undone.
// The next doctor brings either to the end that was meant, in one commit with its checks,
// before it does anything else.
#pragma once

#include <string>
#include <vector>

#include "lib/target/region.h"
#include "lib/target/target.h"
#include "lib/transaction/commit.h"

namespace care {

// Is it the region of such a commit or undo?
bool is_unfinished(const Target &target, const Region &region);

// Finishes them all, within `timeout` and `hook_timeout`; returns what was done, a line
// for each object. Hooks that were to run behind the last jump run, unless all jumps
// stand: then it is unknown whether they have. Throws Error as commit() does.
std::vector<std::string> finish_commits(Target &target, std::chrono::milliseconds timeout,
                                        std::chrono::milliseconds hook_timeout);

} // namespace care
