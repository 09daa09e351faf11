// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/redirect.h"

#include <cstring>

#include "lib/base/error.h"

namespace care {

namespace {

std::string_view view(const JumpBytes &bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
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

void prepare_pages(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  for (const CodeWrite &w : writes) {
    // A write can lie across two pages.
    for (RemoteAddr at : {w.at, w.at + (kJumpSize - 1)})
      memory.write(at, memory.read_bytes(at, 1));
  }
}

void check_before(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  std::vector<JumpBytes> now(writes.size());
  std::vector<RemoteMemory::Piece> pieces;
  for (size_t i = 0; i < writes.size(); i++)
    pieces.push_back({writes[i].at, std::as_writable_bytes(std::span(now[i]))});
  memory.read_pieces(pieces);
  for (size_t i = 0; i < writes.size(); i++) {
    // Execute-only code is not readable that way, but to read() it is.
    if (pieces[i].buffer.size() != kJumpSize)
      memory.read(writes[i].at, now[i].data(), kJumpSize);
    if (now[i] != writes[i].before)
      throw error(ExitCode::does_not_fit, "{}: the code at {} was changed by somebody else",
                  writes[i].name, writes[i].at);
  }
}

void write_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  size_t done = 0;
  try {
    for (; done < writes.size(); done++)
      memory.write(writes[done].at, view(writes[done].after));
  } catch (const Error &) {
    take_back_code(memory, {writes.begin(), writes.begin() + static_cast<ptrdiff_t>(done)});
    throw;
  }
}

void take_back_code(const RemoteMemory &memory, const std::vector<CodeWrite> &writes) {
  for (auto w = writes.rbegin(); w != writes.rend(); ++w)
    memory.write(w->at, view(w->before));
}

} // namespace care
