// SPDX-License-Identifier: GPL-2.0-or-later
//
// By which names a library's functions are called from outside.
//
// Many libraries export all that is not static, though a handful of functions is meant for
// others. For the question who can hold an object of a changed type (lib/layout/passing.h)
// only those count that code outside can know of:
//
//   * words of the headers that the package installs for others (--headers; in Debian the
//     -dev packages that the original build made). Any word counts, in comments too
//   * what another executable or library of the same build imports
//   * C++ names, which no header spells out
//
// This takes for granted that programs call a library by its headers. One that declares an
// inner function itself, or finds it with dlsym(), is not seen.
//
// All exported functions count where that does not tell: for what is no library; when there
// are no headers, or they name none of the functions; and when a header composes names (##).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kpatch_make/objects/object_pairing.h"
#include "lib/layout/call_graph.h"

namespace care::make {

// Of headers, folders of them, packages, and folders with development packages in them,
// which are unpacked below `folder`. Nothing when there are none, or they cannot tell. Throws
// Error when one cannot be read.
std::optional<std::set<std::string>> header_words(const std::vector<std::string> &headers,
                                                  const std::string &folder);

// For `object`, one of `built`, which are all linked objects of the original build.
EntryNames entry_names(const Link &object, const std::vector<Link> &built,
                       const std::optional<std::set<std::string>> &words);

} // namespace care::make
