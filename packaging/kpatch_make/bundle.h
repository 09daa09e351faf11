// SPDX-License-Identifier: GPL-2.0-or-later
//
// One <build-id>.kpatch for each changed object, made by kpatch_tool.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "packaging/kpatch_make/layout_check.h"
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
  uint64_t spared = 0;               // functions of which only line numbers differ
  std::vector<std::string> left_out; // --all: "NAME: why it cannot be replaced"
  uint64_t size = 0;                 // of the .kpatch file, bytes
  double seconds = 0;                // that kpatch_tool took
  std::string refused;               // why there is no patch; only names are set then
  ExitCode refused_code = ExitCode::failure;
  nlohmann::ordered_json made =
      nlohmann::ordered_json::object(); // what `kpatch_tool make --json` said
  nlohmann::ordered_json shown =
      nlohmann::ordered_json::object(); // what `kpatch_tool show --json` says
  LayoutReport layout{};                // changed types that concern it
};

// Makes the .kpatch files in `folder`, one row for each of `pairs`. What kpatch_tool
// refuses, or the check of types, has a row that says so.
std::vector<PatchSummary> make_patches(const std::vector<Pair> &pairs, const MakeOptions &options,
                                       const std::string &folder, const LayoutCheck &types = {});

// Throws Error with every refusal in the message.
void check_refusals(const std::vector<PatchSummary> &rows);

// Moves the finished files to the bundle: all are whole, none is half written.
void deliver(const std::string &folder, const std::string &bundle);

// Copies logs, linked objects and the original build's tree to `options.keep`.
void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree);

} // namespace care
