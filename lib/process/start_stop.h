// SPDX-License-Identifier: GPL-2.0-or-later
//
// A process that its doctor holds since its exec: its first thread is attached, stands
// still before the program's first instruction, and stays so while others come and go.
#pragma once

namespace care {

enum class StartStop {
  none,
  at_entry,  // of the program
  in_linker, // no constructor has run yet
};

} // namespace care
