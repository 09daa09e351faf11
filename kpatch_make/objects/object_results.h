// SPDX-License-Identifier: GPL-2.0-or-later
//
// What became of every object of the package: a row with a verdict and its reason, and
// the .kpatch file where there is one. Objects that the fix does not reach are rows too,
// with how that is known.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kpatch_make/objects/layout_check.h"
#include "kpatch_make/objects/object_pairing.h"
#include "kpatch_make/objects/shipped_files.h"
#include "kpatch_make/options.h"
#include "lib/base/error.h"
#include "lib/json/json.h"

namespace care::make {

enum class ObjectVerdict {
  patched,
  unchanged, // the fix does nothing to it
  refused,   // it changed, and there is no patch
};

// How it is known that a patch fits what runs.
enum class Bound {
  build_id, // the rebuild is the target
  proved,   // the target has another build-id, and all that is loaded is equal
  partly,   // all that the patch replaces or refers to is equal
  no,
};

// Where a file is installed, or linked by the build.
struct ObjectPlace {
  std::string package; // or ""
  std::string path;
};

// A row of the summary.
struct PatchSummary {
  ObjectVerdict verdict = ObjectVerdict::patched;
  std::string object;
  std::string package;              // of the target, or ""
  std::string path;                 // where the target is installed; else where the build links it
  std::vector<ObjectPlace> also_at; // other files of the same build-id: the patch is theirs, too
  std::string build_id;             // of the rebuild
  std::string target_build_id;
  Bound bound = Bound::no;
  std::optional<size_t> pair;             // in Pairing::changed
  uint64_t changed = 0;                   // functions
  std::vector<std::string> changed_names; // of these
  uint64_t new_functions = 0;
  uint64_t new_data = 0;
  uint64_t spared = 0;               // functions of which only line numbers differ
  std::vector<std::string> left_out; // --all: "NAME: why it cannot be replaced"
  uint64_t size = 0;                 // of the .kpatch file, bytes
  double seconds = 0;                // that kpatch_tool took
  std::string reason;                // of a refusal; how it is known to be unchanged
  std::string help;                  // what would help, or ""
  ExitCode refused_code = ExitCode::failure;
  Json made = Json::object();  // what `kpatch_tool make --json` said
  Json shown = Json::object(); // what `kpatch_tool show --json` says
  LayoutReport layout{};       // changed types that concern it
};

// What all patches of a run have in common.
struct PatchRequest {
  const MakeOptions &options;
  const LayoutCheck &types;
  std::string folder;                                // for the .kpatch files
  const std::vector<Link> &built;                    // all that the original build linked
  const std::optional<std::set<std::string>> &words; // of the published headers
};

// What the patches are for.
struct ShippedFiles {
  bool given = false; // else each object is patched as the build here made it
  std::vector<TargetFile> files;
};

struct Rows {
  std::vector<PatchSummary> rows;       // changed objects first
  std::vector<std::string> not_shipped; // linked objects that no target is the counterpart of
};

// Makes the .kpatch files, and a row for each object of the package. With
// targets given, an object that none of them is the counterpart of is no part of it.
Rows make_rows(const Pairing &pairing, const ShippedFiles &targets, const PatchRequest &request);

size_t count_rows(const std::vector<PatchSummary> &rows, ObjectVerdict verdict);

// What the rows come to: ok, nothing_to_do, partial (some patched, some refused), else why
// the first refused one was, does_not_fit only when all were for that.
ExitCode code_of(const std::vector<PatchSummary> &rows);
// Every refusal in the message, none of the patches delivered.
Error refusal_error(const std::vector<PatchSummary> &rows);

const char *verdict_name(ObjectVerdict verdict);
const char *bound_name(Bound bound);

} // namespace care::make
