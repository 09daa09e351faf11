// SPDX-License-Identifier: GPL-2.0-or-later
//
// @FILE arguments, as gcc, clang and binutils read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

// Words of a response file: separated by white space, grouped by ' or ", with
// \ in front of any character taken literally (GNU rules; clang's are the same).
std::vector<std::string> split_response(std::string_view text);

// `arguments` with every @FILE that can be read replaced by its words, nested
// ones included. One that cannot be read stays as it is, as the tools do. Throws Error for
// one that leads back to itself, and for the 2000th: gcc does not go on there either.
std::vector<std::string> expand_responses(const std::vector<std::string> &arguments);

} // namespace care::cc
