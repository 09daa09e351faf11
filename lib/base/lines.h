// SPDX-License-Identifier: GPL-2.0-or-later
//
// Texts as lines, without their ends. The last one needs no end to be one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care {

// They point into `text`.
std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> lines_of(std::string &&text) = delete;

// Throws Error when the file cannot be read.
std::vector<std::string> lines_of_file(const std::string &path);

} // namespace care
