// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/claim.h"

#include <algorithm>
#include <string_view>

#include "lib/apply/leftovers.h"

namespace care {

namespace {

constexpr size_t kParts = 2;
constexpr uint64_t kMostClaimed = uint64_t{1} << 30;

struct Note {
  uint64_t doctor[3]; // pid, start time, pid namespace; all zero: no note
  uint64_t parts[kParts][2];
};
static_assert(sizeof(Note) <= kLandingNote);

bool untouched(const RemoteRange &range, const MemoryMap &map, const RemoteMemory &memory) {
  const Mapping *m = find_mapping(map, range.begin);
  if (!m || !m->anonymous() || !m->read || m->write || m->exec || m->shared ||
      m->range.end < range.end)
    return false;
  std::string bytes = memory.read_bytes(range.begin, range.size());
  return bytes.find_first_not_of('\0') == std::string::npos;
}

} // namespace

void write_claim(const RemoteMemory &memory, Landing landing, const Claim &claim) {
  Note note{{claim.doctor.pid, claim.doctor.start_time, claim.doctor.pid_namespace}, {}};
  for (size_t i = 0; i < std::min(kParts, claim.parts.size()); i++) {
    note.parts[i][0] = claim.parts[i].begin.value;
    note.parts[i][1] = claim.parts[i].end.value;
  }
  memory.write(landing.note(), {reinterpret_cast<const char *>(&note), sizeof note});
}

std::vector<RemoteRange> abandoned_claim(const Target &target) {
  std::optional<Landing> landing = find_landing(target.objects(), target.memory());
  if (!landing)
    return {};
  auto note = target.memory().read_value<Note>(landing->note());
  std::vector<RemoteRange> found;
  if (note.doctor[0] == 0 || !is_dead({note.doctor[0], note.doctor[1], note.doctor[2]}))
    return found;
  MemoryMap map = target.process().read_map();
  for (const auto &[begin, end] : note.parts) {
    RemoteRange range{RemoteAddr(begin), RemoteAddr(end)};
    if (begin < end && end - begin <= kMostClaimed && untouched(range, map, target.memory()))
      found.push_back(range);
  }
  return found;
}

} // namespace care
