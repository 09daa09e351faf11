// SPDX-License-Identifier: GPL-2.0-or-later
//
// One <build-id>.kpatch for each changed object, made by kpatch_tool.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packaging/kpatch_make/options.h"
#include "packaging/kpatch_make/pairing.h"

namespace care {

// A row of the summary.
struct PatchSummary {
  std::string object;
  std::string build_id;
  uint64_t changed = 0; // functions
  uint64_t new_functions = 0;
  uint64_t new_data = 0;
  std::vector<std::string> left_out; // --all: "NAME: why it cannot be replaced"
  uint64_t size = 0;                 // of the .kpatch file, bytes
  double seconds = 0;                // that kpatch_tool took
};

// Makes the .kpatch files in `folder`. Throws Error when kpatch_tool refuses one,
// after it has tried all, with every refusal in the message.
std::vector<PatchSummary> make_patches(const std::vector<Pair> &pairs, const MakeOptions &options,
                                       const std::string &folder);

// Moves the finished files to the bundle: all are whole, none is half written.
void deliver(const std::string &folder, const std::string &bundle);

// Copies logs, linked objects and the original build's tree to `options.keep`.
void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree);

} // namespace care
