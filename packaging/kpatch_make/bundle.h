// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a run leaves behind: the bundle, and with --keep all that it was made from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "packaging/kpatch_make/options.h"
#include "packaging/kpatch_make/pairing.h"

namespace care {

// Moves the finished files to the bundle: all are whole, none is half written.
void deliver(const std::string &folder, const std::string &bundle);

// Copies logs, linked objects and the original build's tree to `options.keep`.
void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree);

} // namespace care
