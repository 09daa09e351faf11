// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a fix lets one file instantiate and others refer to (`template int f<int>(int);` and
// `extern template int f<int>(int);`). kpatch_gensrc emits NAME as NAME.kpatch, for it
// cannot know which file of the program has NAME already. Where none has, and no library,
// nothing defines what the others refer to. The link is done once more then, and told that
// NAME is NAME.kpatch.
//
// Not at once: ld's PROVIDE in a script takes precedence over a library that defines the
// name, and PROVIDE_HIDDEN hides one that an object defines.
//
// The names go through the store, since compilations and links are different processes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpatch_cc/linker_line.h"
#include "kpatch_cc/store.h"

namespace care::cc {

// Remembers the shared names in a report of kpatch_gensrc.
void keep_shared_names(const Store &store, const std::string &report);

bool has_shared_names(const Store &store);

// `argv`: an instrumented link that ended with `status`. Where it misses shared names (a
// library may without an error), links again with those, says what that link says and
// returns its exit status. Nothing: the link before counts, and what it said.
std::optional<int> link_missing_shared_names(const Store &store, const LinkerLine &line,
                                             std::vector<std::string> argv, int status);

} // namespace care::cc
