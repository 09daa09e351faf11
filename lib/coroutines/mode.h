// SPDX-License-Identifier: GPL-2.0-or-later
//
// How much is done about stacks that no thread runs on; --coroutines.
#pragma once

namespace care {

enum class CoroutineMode {
  automatic, // look where a stack may be; read on in the stop where there are signs of one
  scan,      // read all of the memory, in the stop too
  off,
};

} // namespace care
