// SPDX-License-Identifier: GPL-2.0-or-later
//
// What apt says when something goes wrong, for people: its complaints without the progress
// around them, and what helps. The texts are those of apt in C.UTF-8, which all of our
// views set; an unknown one is shown as it is, and has no hint.
#pragma once

#include <string>
#include <string_view>

namespace care::make {

// The first of the lines that begin with "E:", indented; the last lines when there is none.
std::string apt_complaints(std::string_view output);

// "" when none is known.
std::string apt_hint(std::string_view output);

} // namespace care::make
