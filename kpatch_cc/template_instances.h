// SPDX-License-Identifier: GPL-2.0-or-later
//
// Templates that a fix instantiates in one file and declares extern in others
// (`template int f<int>(int);` and `extern template int f<int>(int);`). kpatch_gensrc emits
// NAME as NAME.kpatch, since it cannot know which file of the program has NAME already.
// Where no file and no library has it, NAME stays undefined. kpatch_cc then links once more
// and tells the linker that NAME is NAME.kpatch.
//
// The first link cannot do so: ld's PROVIDE in a script takes precedence over a library
// that defines the name, and PROVIDE_HIDDEN hides one that an object defines.
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

// `argv` is an instrumented link that ended with `status`. Where it misses shared names (a
// library may, without an error), links again with those, prints that link's messages and
// returns its exit status. Returns nothing when the first link and its messages stand.
std::optional<int> link_missing_shared_names(const Store &store, const LinkerLine &line,
                                             std::vector<std::string> argv, int status);

} // namespace care::cc
