// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user asked kpatch_make for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpatch_make/sources/fixes.h"
#include "lib/cli/command_line.h"

namespace care::make {

// What a build took. Processor time is that of all its processes; it hardly depends on
// what else the machine does.
struct BuildTime {
  double seconds = 0;
  double cpu_seconds = 0;
};

struct MakeOptions {
  std::string directory;            // the source tree, absolute
  std::string bundle;               // where the .kpatch files go, absolute
  std::vector<std::string> patches; // absolute, in order
  FixReading reading;               // of the fixes
  std::vector<std::string> targets; // --target: what is patched, instead of what is built here
  bool partial = false;             // write what there are patches for, though others are refused
  std::string name;                 // of the patch; may be empty
  std::string package;              // the source package; empty where none is built
  std::string package_version;      // its version, that of the original
  std::optional<unsigned> level;
  std::string description;
  std::string keep;                 // absolute, or ""
  std::string json;                 // file for the machine-readable report, - for stdout, or ""
  std::string report;               // file for the page, absolute, or ""
  bool all = false;                 // no fix: replace every function by itself
  bool strict_lines = false;        // a moved line counts as a change
  bool no_types = false;            // types are not compared
  std::vector<std::string> headers; // what the package publishes: see public_names.h
  std::vector<std::string> accept_layout; // "struct NAME: reason"
  bool shell = false;                     // open one in the patched tree before it is built
  bool verbose = false;
  BuildTime plain;                  // of a build without us; 0: not measured
  std::vector<std::string> command; // the build command
};

// The options that every form of kpatch_make has: where results go, what is stored in them.
void add_result_options(CommandLine &app, MakeOptions &options);
// Paths absolute from here on. Throws Error (usage).
void check_result_options(MakeOptions &options);
// False when --help or --version was answered. Throws Error (usage).
bool parse_make_command(CommandLine &app, MakeOptions &options, int argc, char **argv);

// Empty when --help or --version was answered. Throws Error (usage).
std::optional<MakeOptions> read_make_options(int argc, char **argv);

} // namespace care::make
