// SPDX-License-Identifier: GPL-2.0-or-later
//
// Changes of code bytes in the target: what stands there, what shall.
//
// All of them are made while every thread stands still, so that no thread sees
// half of one, and none runs on a stale copy: a thread comes back from its stop
// through an instruction that serializes the processor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/base/address.h"
#include "lib/patchfile/format.h"
#include "lib/process/memory.h"

namespace care {

using JumpBytes = std::array<uint8_t, kJumpSize>;

// e9 rel32 at `from`. Throws Error does_not_fit when `to` is out of its reach.
JumpBytes encode_jump(RemoteAddr from, RemoteAddr to);

// eb rel8 in the first kShortJumpSize bytes, zeros behind. Error does_not_fit as above.
JumpBytes encode_short_jump(RemoteAddr from, RemoteAddr to);

struct CodeWrite {
  std::string name; // function, for messages
  RemoteAddr at;
  JumpBytes before{}; // the first `size` bytes count
  JumpBytes after{};
  uint64_t size = kJumpSize; // or kShortJumpSize

  RemoteRange range() const { return {at, at + size}; }
};

// Does memory hold `bytes` in the first w.size bytes from w.at on?
bool holds(const RemoteMemory &memory, const CodeWrite &w, const JumpBytes &bytes);

// Makes the pages private to the target ahead of time, by writing one byte over
// itself: what is left for the stop is the store alone.
void prepare_pages(const RemoteMemory &memory, const std::vector<CodeWrite> &writes);

// What leads from one function to its replacement (region.h): the jump at its site,
// and where that is a short one the long one at the pad, which comes first: nothing
// leads to a jump that does not stand. `before` are the original bytes.
struct Hunk;
std::vector<CodeWrite> writes_of(const Hunk &hunk);
// The same with `before` and `after` exchanged and the site first.
std::vector<CodeWrite> undo_writes_of(const Hunk &hunk);

// Throws Error does_not_fit naming the first function whose bytes are not `before`.
// `pieces` are what read_pieces() got of the writes' ranges, in their order.
void check_before(const RemoteMemory &memory, const std::vector<CodeWrite> &writes,
                  std::span<const RemoteMemory::Piece> pieces);

// Writes all; when one fails, those before it are taken back and the Error goes on.
void write_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes);

// The same backwards: `before` stands again everywhere.
void take_back_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes);

} // namespace care
