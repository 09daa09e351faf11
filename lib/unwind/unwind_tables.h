// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the unwind information of each piece of code lies in the target.
//
// Always the target's own memory (.eh_frame_hdr, which PT_GNU_EH_FRAME names and
// every linker since 2003 writes): it is there when the file on disk is deleted
// or replaced, for the vdso, which has no file, and for code that we mapped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/process/memory.h"
#include "lib/process/objects.h"
#include "lib/unwind/forbidden_code.h"

namespace care {

struct UnwindTable {
  RemoteRange code;        // addresses that it may know about
  RemoteAddr eh_frame_hdr; // its first byte
  std::string name;        // object, for messages
  RemoteAddr base;         // what offsets in messages count from
  // Those whose names are known, for messages: of patches, not of objects.
  std::vector<CodeRange> functions = {};
};

// Tables of all objects that have one.
std::vector<UnwindTable> unwind_tables(const std::vector<LoadedObject> &objects);

// The table for `pc`, or null.
const UnwindTable *find_table(const std::vector<UnwindTable> &tables, RemoteAddr pc);

// "step+0x2a (the patch of prog)" where the function is known, "libc.so.6+0x1234" otherwise.
// `code` lies within the instruction, `pc` is what the offset tells.
std::string place_text(const UnwindTable &table, RemoteAddr pc, RemoteAddr code);

// The sorted search table behind a .eh_frame_hdr's header.
struct SearchTable {
  RemoteAddr entries;
  uint64_t count = 0; // pairs of {i32 code, i32 fde}, relative to eh_frame_hdr
};
// Nothing when it is encoded in another way than all linkers do (0x3b, 0x03).
std::optional<SearchTable> read_search_table(const UnwindTable &table, CachedMemory &memory);

} // namespace care
