// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/lines.h"

#include <algorithm>

#include "lib/base/fd.h"

namespace care {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> lines_of_file(const std::string &path) {
  std::string text = read_file(path);
  std::vector<std::string_view> lines = lines_of(text);
  return {lines.begin(), lines.end()};
}

} // namespace care
