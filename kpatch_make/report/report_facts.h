// SPDX-License-Identifier: GPL-2.0-or-later
//
// All that a reviewer of a patch may want to know, as one JSON document: what
// --json writes and the page is filled with. docs/building-patches.rst describes
// the fields.
//
// The parts come from where they are known: why a function changed from
// kpatch_gensrc (through the store), what ended up in the patch from kpatch_tool,
// source lines from the two copies of the tree.
#pragma once

#include "kpatch_make/objects/object_pairing.h"
#include "kpatch_make/options.h"
#include "kpatch_make/report/source_diff.h"
#include "kpatch_make/report/summary.h"
#include "lib/json/json.h"

namespace care::make {

struct ReportInput {
  const MakeOptions &options;
  const RunSummary &summary;
  const Pairing &pairing; // empty when a build failed
  std::string store;
  SourceTrees trees;
  std::string failure; // what ended the run, or ""
};

Json report_facts(const ReportInput &input);

// The whole page, self-contained.
std::string report_page(const Json &facts);

// The name as a C++ programmer writes it, with the compiler's suffix behind it; the
// name itself when it is no mangled one.
std::string readable_name(const std::string &symbol);

} // namespace care::make
