// SPDX-License-Identifier: GPL-2.0-or-later
//
// Page faults taken early: while the target runs, not while it stands still. A fault of
// ours costs half a microsecond to several; a stop of one thread takes thirty.
//
// Speed only: nothing depends on it, and what the kernel or the C library do not offer is
// left out in silence.
#pragma once

#include <cstddef>

namespace care {

// Puts the code of this program and its libraries into the page tables. Only the first
// call does anything.
void warm_code();

// The next `bytes` that are allocated take no page fault, as long as nothing else is.
void warm_heap(size_t bytes);

} // namespace care
