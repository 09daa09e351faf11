// SPDX-License-Identifier: GPL-2.0-or-later
//
// The questions that `libcare-ctl info` answers, a function for each. All of them only
// read /proc, memory and files: no process is stopped or traced.
#pragma once

#include <string>

#include "lib/base/error.h"
#include "libcare-ctl/command.h"

namespace care::ctl {

struct InfoOptions {
  std::string pids;
  std::string bundle; // empty: none was given
  bool json = false;
  bool all_objects = false;
  std::string core;      // empty: running processes
  bool gdb = false;      // print commands for gdb
  bool perf_map = false; // write files for perf
};

// Which objects a process has loaded, and which patches they carry.
ExitCode show_patches(const InfoOptions &options);

// Which objects should carry a patch of the bundle, which do, and why the others do not.
// lacks_patch when there is one that does not.
ExitCode show_coverage(const InfoOptions &options);

// Which patches a process carried when its core was dumped.
ExitCode show_core(const InfoOptions &options);

// Commands for gdb that make it know the code of the patches, of a process or a core.
// nothing_to_do when there is no patch, or the bundle does not hold it.
ExitCode show_gdb_commands(const InfoOptions &options);

// Writes perf's symbol file for each process that carries patches (perf_map.h).
ExitCode write_perf_maps(const InfoOptions &options);

} // namespace care::ctl
