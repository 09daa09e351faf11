// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a run leaves behind: the bundle, and with --keep all that it was made from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kpatch_make/objects/object_pairing.h"
#include "kpatch_make/options.h"

namespace care::make {

// Moves the finished files to the bundle: all are whole, none is half written.
void deliver(const std::string &folder, const std::string &bundle);

// Copies logs, linked objects and the original build's tree to `options.keep`.
void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree);

} // namespace care::make
