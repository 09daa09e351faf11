// SPDX-License-Identifier: GPL-2.0-or-later
//
// @FILE arguments, as gcc, clang and binutils read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

// Words of a response file: separated by white space, grouped by ' or ". A \ makes the
// next character literal (GNU rules; clang's are the same).
std::vector<std::string> split_response(std::string_view text);

// `arguments` with every readable @FILE replaced by its words, nested ones included. An
// unreadable one stays as it is, as in the tools. Throws Error for one that leads back to
// itself, and for the 2000th: gcc stops there, too.
std::vector<std::string> expand_responses(const std::vector<std::string> &arguments);

} // namespace care::cc
