// SPDX-License-Identifier: GPL-2.0-or-later
//
// With -pipe the assembler runs beside the compiler. The text ends when the compiler closes
// the pipe, but gcc's cc1 writes its dependency list after that, before it exits.
#pragma once

namespace care::cc {

// For an assembler that has read its text from a pipe. Returns when the driver's other
// children have ended, or after ten seconds. Returns at once where the kernel does not list
// children (CONFIG_PROC_CHILDREN).
void wait_for_piped_compiler();

} // namespace care::cc
