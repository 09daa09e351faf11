// SPDX-License-Identifier: GPL-2.0-or-later
//
// Running one build: in its view of the tree, with its output in a log, with
// progress for the person who waits.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "kpatch_make/guardian.h"
#include "kpatch_make/options.h"
#include "kpatch_make/sources/work_area.h"

namespace care::make {

struct Build {
  std::string stage; // original, patched; configure: nothing is looked at
  std::string title; // for messages; "the STAGE build" when empty
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;
  std::string tree; // the path at which the build works
  Isolation isolation = Isolation::mount_namespace;
  bool verbose = false;
  bool clean_environment = false; // `environment` is all there is
  // In place of the view of `isolation`: called with the stage in the process that
  // becomes the build.
  std::function<void(const std::string &)> enter;
};

struct BuildResult {
  BuildTime time;
  size_t assembled = 0; // assembly texts that passed kpatch_cc
  size_t reused = 0;    // of these, how many were not compiled again
  long peak_kb = 0;     // memory of its largest process
};

// Throws Error with the last lines of the log when the command fails, and with
// 128 + signal as the exit code when a signal stops us meanwhile.
BuildResult run_build(const Build &build, const WorkArea &area, const Guardian &guardian);

// Processor seconds in a getrusage() or wait4() answer.
double cpu_seconds(const rusage &usage);

} // namespace care::make
