// SPDX-License-Identifier: GPL-2.0-or-later
//
// Functions that change to another stack, recognised by their code: they load %rsp from
// memory or from a register other than %rbp. jump_fcontext, libco's, ruby's and every
// other hand-made switch does that, and hardly any other function.
#pragma once

#include <string_view>

namespace care {

// `code`: the first bytes of a function, as many as may be read up to 256; looked at up
// to its first ret or jump.
bool switches_stack(std::string_view code);

} // namespace care
