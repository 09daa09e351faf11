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
//
// What is there already: patches of an earlier run with the same --name, of the same package
// or source folder, go when this run has none in their place: a fix that reaches less than
// its last version did leaves nothing behind. The file .kpatch_make of the bundle tells whose
// they are. All others stay. Either is said, since libcare-ctl takes all that is there.
void deliver(const std::string &folder, const MakeOptions &options);

// keep_results() replaces DIR/original and DIR/patched of an earlier run, which have a file
// .kpatch_make in them. Throws Error (usage) when they are anything else, but not empty.
void check_keep(const std::string &keep);

// Copies logs, linked objects and the original build's tree to `options.keep`.
void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree);

} // namespace care::make
