// SPDX-License-Identifier: GPL-2.0-or-later
//
// debian/patches: fixes that a source package has already. To make a live patch of one,
// the original is the tree without it: it is peeled off.
//
// Several are peeled in the reverse order of the series. A patch behind it in the series
// that needs it stands in the way; the message names those that change the same files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::make {

// The patches of a series file, without comments and options ("fix.patch -p1 # why").
std::vector<std::string> parse_series(std::string_view text);

// The series text without `names`, everything else as it is.
std::string series_without(std::string_view text, const std::vector<std::string> &names);

// `wanted` by its name, its name without .patch or .diff, or its end in a path, or else by
// whole words of it (CVE-2026-1 for 07-CVE-2026-1_CVE-2026-2.patch); "" when no patch of the
// series is meant. Throws Error when several are.
std::string find_in_series(const std::vector<std::string> &series, std::string_view wanted);

// Takes the patches off `tree`, whose series is applied or not (`applied` false: 1.0
// formats that patch while they build). Throws Error; the tree is of no use then.
void peel(const std::string &tree, const std::vector<std::string> &names);

} // namespace care::make
