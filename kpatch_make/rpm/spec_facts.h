// SPDX-License-Identifier: GPL-2.0-or-later
//
// What has to be known of a spec file, as rpm's own parser tells it: no other program can read
// one, with its macros, conditions and embedded Lua. Here is only the reading of what
// `rpmspec` prints, so that it can be tested without rpm.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace care::make {

struct SpecFacts {
  std::string name, version, release;
  std::vector<std::string> sources;      // file names without folders
  std::vector<std::string> patches;      // those, too; in the order of the header
  std::vector<std::string> requirements; // BuildRequires: "gcc", "foo-devel >= 3"
  std::optional<long> changelog_time;    // of the newest entry, seconds since 1970

  std::string label() const { return name + "-" + version + "-" + release; }
};

// For `rpmspec -q --srpm --qf`: a line for each fact, with its kind in front.
inline constexpr const char *kSpecQuery =
    "name %{NAME}\\nversion %{VERSION}\\nrelease %{RELEASE}\\n[source %{SOURCE}\\n]"
    "[patch %{PATCH}\\n][needs %{REQUIRENEVRS}\\n][time %{CHANGELOGTIME}\\n]";

// The answer. Lines of other kinds (warnings of rpm among the output) are left out.
SpecFacts read_spec_query(std::string_view answer);

// Where %setup leaves the sources, from `rpmspec -P`: "BUILD/tiny-1.0" with `topdir`
// taken off; "" when the spec unpacks nothing. %setup's own lines are those whose folder
// is quoted.
std::string source_folder(std::string_view expanded_spec, std::string_view topdir);

// The patches that %prep applies, in its order: those whose file it names.
std::vector<std::string> applied_patches(std::string_view expanded_spec,
                                         const std::vector<std::string> &patches);

// What rpmbuild says is not installed: "foo-devel is needed by tiny-1.0-1".
std::vector<std::string> missing_requirements(std::string_view rpmbuild_output);

} // namespace care::make
