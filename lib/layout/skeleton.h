// SPDX-License-Identifier: GPL-2.0-or-later
//
// A beginning for the person who adapts a fix: C to paste, made for the type that changed.
#pragma once

#include <string>

#include "lib/layout/verdict.h"

namespace care {

// Shadow data for each added member, a hook to give it to objects that a static variable
// leads to, or to put values right; "" when there is nothing sensible to say.
std::string hook_skeleton(const UseGraph &graph, const TypeFinding &finding);

} // namespace care
