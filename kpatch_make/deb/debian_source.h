// SPDX-License-Identifier: GPL-2.0-or-later
//
// Source packages: fetching one with apt, unpacking it with dpkg-source, both in the
// root that will build it.
#pragma once

#include <optional>
#include <string>

#include "kpatch_make/deb/clean_root.h"

namespace care::make {

// What the user wrote, sorted out.
struct SourceName {
  enum class Kind { archive, dsc, tree } kind = Kind::archive;
  std::string path;    // absolute: the .dsc, or the tree
  std::string name;    // archive: as apt knows it
  std::string version; // archive: "" for the newest
};

// Whether it is to be read as a path: it has a slash or ends in .dsc.
bool is_source_path(const std::string &text);

// NAME, NAME=VERSION, a path that ends in .dsc, or a folder with debian/changelog. Throws
// Error (usage).
SourceName read_source_name(const std::string &text);

// Its folder at Debian's build machines: /build/reproducible-path/NAME-UPSTREAM.
std::string build_path(const std::string &name, const std::string &version);

// --target: the binary packages of this version that apt has.
inline constexpr const char *kArchiveTarget = "archive";

struct SourceKitchen {
  const std::optional<CleanRoot> &root; // none: with the tools of this system
  std::string scratch;                  // folder of this run
  bool verbose = false;
};

// Puts the source's tree at `to`, its patches applied. Throws Error in apt's or dpkg-source's
// words.
void unpack_source(const SourceKitchen &kitchen, const SourceName &source, const std::string &to);

// Puts the patches of debian/patches on that are not, for good: dpkg-source would take off
// after the build what it has put on, and reports look at the tree then. `what` is the
// source's name for messages. Throws Error.
void apply_series(const SourceKitchen &kitchen, const std::string &tree, const std::string &what);

// Takes them all off. Throws Error.
void unapply_series(const SourceKitchen &kitchen, const std::string &tree);

// Fetches the binary packages that were built from NAME at VERSION, without -dbgsym, into a
// folder, the newest build of each; those that apt no longer has are left out. Returns how many
// there are.
size_t fetch_binaries(const SourceKitchen &kitchen, const std::string &tree,
                      const std::string &version, const std::string &to);

} // namespace care::make
