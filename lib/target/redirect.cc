// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/redirect.h"

#include <algorithm>
#include <cstring>

#include "lib/base/error.h"
#include "lib/target/region.h"

namespace care {

namespace {

std::string_view view(const JumpBytes &bytes, uint64_t size) {
  return {reinterpret_cast<const char *>(bytes.data()), size};
}

} // namespace

JumpBytes encode_jump(RemoteAddr from, RemoteAddr to) {
  int64_t distance = to - (from + kJumpSize);
  auto rel32 = static_cast<int32_t>(distance);
  if (rel32 != distance)
    throw error(ExitCode::does_not_fit, "{} is further than 2 GiB from {}", to, from);
  JumpBytes bytes{0xe9};
  memcpy(bytes.data() + 1, &rel32, sizeof rel32);
  return bytes;
}

JumpBytes encode_short_jump(RemoteAddr from, RemoteAddr to) {
  int64_t distance = to - (from + kShortJumpSize);
  auto rel8 = static_cast<int8_t>(distance);
  if (rel8 != distance)
    throw error(ExitCode::does_not_fit, "{} is further than 127 bytes from {}", to, from);
  return {0xeb, static_cast<uint8_t>(rel8)};
}

bool holds(const RemoteMemory &memory, const CodeWrite &w, const JumpBytes &bytes) {
  JumpBytes now{};
  return memory.read_some(w.at, now.data(), w.size) == w.size &&
         view(now, w.size) == view(bytes, w.size);
}

std::vector<CodeWrite> writes_of(const Hunk &hunk) {
  std::vector<CodeWrite> writes;
  if (hunk.pad)
    writes.push_back({hunk.name, hunk.pad, hunk.pad_saved, hunk.pad_jump});
  writes.push_back({hunk.name, hunk.site, hunk.saved, hunk.jump, hunk.site_size()});
  return writes;
}

std::vector<CodeWrite> undo_writes_of(const Hunk &hunk) {
  std::vector<CodeWrite> writes = writes_of(hunk);
  std::reverse(writes.begin(), writes.end());
  for (CodeWrite &w : writes)
    std::swap(w.before, w.after);
  return writes;
}

void prepare_pages(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  for (const CodeWrite &w : writes) {
    // A write can lie across two pages.
    for (RemoteAddr at : {w.at, w.at + (w.size - 1)})
      memory.write(at, memory.read_bytes(at, 1));
  }
}

void check_before(const RemoteMemory &memory, const std::vector<CodeWrite> &writes,
                  std::span<const RemoteMemory::Piece> pieces) {
  for (size_t i = 0; i < writes.size(); i++) {
    const CodeWrite &w = writes[i];
    std::span<const std::byte> now = pieces[i].buffer;
    // Execute-only code is not readable that way, but to read() it is.
    bool same = now.size() == w.size ? memcmp(now.data(), w.before.data(), w.size) == 0
                                     : holds(memory, w, w.before);
    if (!same)
      throw error(ExitCode::does_not_fit, "{}: the code at {} was changed by somebody else", w.name,
                  w.at);
  }
}

void write_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  size_t done = 0;
  try {
    for (; done < writes.size(); done++)
      memory.write(writes[done].at, view(writes[done].after, writes[done].size));
  } catch (...) {
    take_back_code(memory, {writes.begin(), writes.begin() + static_cast<ptrdiff_t>(done)});
    throw;
  }
}

void take_back_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  for (auto w = writes.rbegin(); w != writes.rend(); ++w)
    memory.write(w->at, view(w->before, w->size));
}

} // namespace care
