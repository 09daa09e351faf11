// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/mapping_note.h"

#include <algorithm>
#include <string_view>

#include "lib/target/leftovers.h"

namespace care {

namespace {

constexpr size_t kParts = 2;
constexpr uint64_t kMostClaimed = uint64_t{1} << 30;

struct Note {
  uint64_t doctor[3]; // pid, start time, pid namespace; all zero: no note
  uint64_t parts[kParts][2];
};
static_assert(sizeof(Note) <= kTrampolineNote);

bool untouched(const RemoteRange &range, const MemoryMap &map, const RemoteMemory &memory) {
  const Mapping *m = find_mapping(map, range.begin);
  if (!m || !m->anonymous() || !m->read || m->write || m->exec || m->shared ||
      m->range.end < range.end)
    return false;
  std::string bytes = memory.read_bytes(range.begin, range.size());
  return bytes.find_first_not_of('\0') == std::string::npos;
}

} // namespace

void write_mapping_note(const RemoteMemory &memory, ReturnTrampoline trampoline,
                        const MappingNote &note) {
  Note raw{{note.doctor.pid, note.doctor.start_time, note.doctor.pid_namespace}, {}};
  for (size_t i = 0; i < std::min(kParts, note.parts.size()); i++) {
    raw.parts[i][0] = note.parts[i].begin.value;
    raw.parts[i][1] = note.parts[i].end.value;
  }
  memory.write(trampoline.note(), {reinterpret_cast<const char *>(&raw), sizeof raw});
}

std::vector<RemoteRange> abandoned_parts(const Target &target) {
  std::optional<ReturnTrampoline> trampoline =
      find_return_trampoline(target.objects(), target.memory());
  if (!trampoline)
    return {};
  auto note = target.memory().read_value<Note>(trampoline->note());
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
