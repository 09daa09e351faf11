// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/environment.h"

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace care {

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string find_in_path(const std::string &name) {
  if (name.find('/') != std::string::npos)
    return name;
  const char *path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/bin:/usr/bin";
  for (;;) {
    size_t colon = rest.find(':');
    std::string folder(rest.substr(0, colon));
    std::string file = (folder.empty() ? "." : folder) + "/" + name;
    if (access(file.c_str(), X_OK) == 0)
      return file;
    if (colon == std::string_view::npos)
      return {};
    rest.remove_prefix(colon + 1);
  }
}

} // namespace care
