// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is going to be patched, when that is not what the build here made: the ELF files
// of packages as they were shipped (--target).
//
//     FILE.deb, FILE.rpm   unpacked, not installed
//     DIR                  every ELF file below it, and every package that lies in it
//     FILE                 an executable or shared object
//     installed            the files of this system that bear the name of a linked object
//
// Separate debug information (usr/lib/debug) is no target: nothing runs it.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace care::make {

inline constexpr const char *kInstalledTarget = "installed";

struct TargetFile {
  std::string path;      // where its bytes can be read
  std::string installed; // where it is installed: "/usr/bin/tool"; in a DIR, from there on
  std::string package;   // name of the package, or ""
  std::string build_id;  // hexadecimal, "" when it has none
  std::string soname;    // "" for most executables
  std::string foreign{}; // ElfFile::foreign()
};

// By its name: .deb, .udeb or .rpm.
bool is_package(const std::filesystem::path &path);

// Unpacks one below `folder`; returns the package's name. Throws Error (bad_input).
std::string unpack_package(const std::filesystem::path &package, const std::string &folder);

// Bad ones are found before anything is built. Throws Error (usage).
void check_target_names(const std::vector<std::string> &wanted);

// Reads all that `wanted` names; packages are unpacked below `folder`, which must live
// as long as the result is used. `names` are the file names that `installed` looks for.
// Throws Error when a package cannot be unpacked.
std::vector<TargetFile> read_targets(const std::vector<std::string> &wanted,
                                     const std::set<std::string> &names, const std::string &folder);

} // namespace care::make
