// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where this system gets its packages from, for a clean root of the same suite.
#pragma once

#include <string>

namespace care::make {

// What sources.list and sources.list.d in `etc` (/etc/apt) say of the suites CODENAME,
// CODENAME-updates, CODENAME-security and so on, in deb822 style, each with binary and
// source packages. Third parties' suites have other names and are left out: Debian's own
// packages were not built against them.
std::string suite_sources(const std::string &etc, const std::string &codename);

// VERSION_CODENAME of an os-release file, or "".
std::string suite_codename(const std::string &os_release);

} // namespace care::make
