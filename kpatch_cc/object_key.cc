// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/object_key.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include "kpatch_cc/driver.h"
#include "kpatch_cc/store.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

bool all_of(std::string_view text, int (*test)(int)) {
  return std::all_of(text.begin(), text.end(),
                     [test](char c) { return test(static_cast<unsigned char>(c)) != 0; });
}

// Names that drivers generate: ccAb12Cd.o (gcc), name-1a2b3c.o (clang), in the
// folder for temporary files.
bool is_made_up(const fs::path &path) {
  fs::path folder = path.parent_path();
  bool temporary = folder == "/tmp" || folder == "/var/tmp" || folder == "/usr/tmp";
  for (const char *variable : {"TMPDIR", "TMP", "TEMP"})
    temporary |= !environment(variable).empty() &&
                 folder == fs::path(environment(variable) + "/.").lexically_normal().parent_path();
  std::string stem = path.stem();
  if (!temporary || path.extension() != ".o" || stem.size() < 8)
    return false;
  if (stem.size() == 8 && stem.starts_with("cc") && all_of(stem, isalnum))
    return true;
  std::string_view tail = std::string_view(stem).substr(stem.size() - 7);
  return tail[0] == '-' && all_of(tail.substr(1), isxdigit);
}

} // namespace

std::string absolute_path(const std::string &path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

bool is_probe(std::string_view path) {
  static constexpr std::array<std::string_view, 8> parts = {"/CMakeFiles/CMakeTmp/",
                                                            "/CMakeFiles/CMakeScratch/",
                                                            "/CMakeFiles/ShowIncludes/",
                                                            "/meson-private/",
                                                            "/.conf_check_",
                                                            "/config-temp/",
                                                            "/CMakeFiles/FindOpenMP/",
                                                            "/CMakeTmp/"};
  std::string_view base = path.substr(path.rfind('/') + 1);
  if (base.starts_with("conftest") || base.starts_with("CMakeCCompilerId") ||
      base.starts_with("CMakeCXXCompilerId") || path == "/dev/null")
    return true;
  return std::any_of(parts.begin(), parts.end(), [path](std::string_view part) {
    return path.find(part) != std::string_view::npos;
  });
}

std::string source_name(std::string_view assembly) {
  constexpr std::string_view directive = ".file";
  size_t at = assembly.find(directive);
  if (at == std::string_view::npos)
    return {};
  std::string_view line = assembly.substr(at, assembly.find('\n', at) - at);
  size_t begin = line.find('"'), end = line.rfind('"');
  return begin < end ? std::string(line.substr(begin + 1, end - begin - 1)) : "";
}

std::string object_key(const Store &store, const std::string &output, std::string_view assembly) {
  std::string path = absolute_path(output);
  if (!is_made_up(path))
    return path;
  std::string driver = environment(kDriverVariable);
  if (driver.empty())
    driver = fmt::format("parent-{}", getppid());
  return fmt::format("{}({})#{}", environment(kOutputVariable), source_name(assembly),
                     store.next_ordinal(driver));
}

} // namespace care::cc
