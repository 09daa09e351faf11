// SPDX-License-Identifier: GPL-2.0-or-later
//
// The patch's own .eh_frame and .eh_frame_hdr: the entries of the functions in
// .kpatch.text, taken out of the link's .eh_frame.
//
// Entries are written anew with one set of encodings (0x1b: pc-relative, four
// bytes; personality 0x9b through a slot, or 0x1b direct), because every pointer
// in them moves; the unwinding rules themselves are copied byte for byte.
#pragma once

#include "kpatch_tool/make/bind_references.h"

namespace care::tool {

// Adds both sections to the draft; nothing when no function of the patch has an
// entry. Comes after Relocator::add_sections().
void add_unwind_tables(const LinkPair &pair, Relocator &relocator, Draft &draft);

} // namespace care::tool
