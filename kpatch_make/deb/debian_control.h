// SPDX-License-Identifier: GPL-2.0-or-later
//
// Debian's control files (.dsc, debian/control, .sources): paragraphs of fields, and the
// head of a changelog. deb822(5) and deb-changelog(5) describe them. Nothing is verified
// here, dpkg-source does that.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace care::make {

struct ControlParagraph {
  std::vector<std::pair<std::string, std::string>> fields; // continuation lines joined by \n

  // The value, "" when there is none. Names are compared without regard to case.
  std::string get(std::string_view name) const;
};

// Comments and an OpenPGP signature around it are passed over. Throws Error for a line
// that is none of it.
std::vector<ControlParagraph> parse_control(std::string_view text);

// "redis (5:7.0.15-1) bookworm; urgency=high", the first line of a changelog.
struct ChangelogHead {
  std::string source;
  std::string version;
};

// Throws Error.
ChangelogHead parse_changelog_head(std::string_view text);

// The versions of the binary package `package` in `shown` (apt-cache show, of any number of
// packages) that were built from its source at `version`: that very version, or another where the
// package says so, which all do that were built anew without a new source (5.2.15-2+b13
// from 5.2.15-2). In the order of `shown`, each once.
std::vector<std::string> versions_built_from(std::string_view shown, std::string_view package,
                                             std::string_view version);

// 5:7.0.15-1~deb12u7 -> 7.0.15: without epoch and revision, as source folders are named.
std::string upstream_version(std::string_view version);

// Letters, digits and "+-." in a name; also ":~" in a version.
bool valid_source_name(std::string_view name);
bool valid_version(std::string_view version);

} // namespace care::make
