// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/last_check.h"

#include <cstring>

#include "lib/base/error.h"

namespace care {

namespace {

// All of `piece`, and equal to `bytes`?
bool holds_bytes(const RemoteMemory::Piece &piece, std::string_view bytes) {
  return piece.buffer.size() == bytes.size() &&
         memcmp(piece.buffer.data(), bytes.data(), bytes.size()) == 0;
}

} // namespace

LastCheck::LastCheck(const CommitRequest &request) : request_(request) {
  std::vector<std::pair<RemoteAddr, size_t>> places;
  for (auto [region, state] : request.states)
    places.emplace_back(region, sizeof kRegionMagic);
  for (const LoadedObject &o : request.objects)
    places.emplace_back(o.build_id_at, o.build_id.size());
  for (const CodeWrite &w : request.writes)
    places.emplace_back(w.at, w.size);
  size_t total = 0;
  for (auto [at, size] : places)
    total += size;
  bytes_.resize(total);
  std::span<std::byte> rest(bytes_);
  for (auto [at, size] : places) {
    wanted_.push_back({at, rest.first(size)});
    rest = rest.subspan(size);
  }
  got_.reserve(wanted_.size());
}

void LastCheck::run(const RemoteMemory &memory) {
  got_ = wanted_;
  memory.read_pieces(got_);
  check_regions(memory);
  check_objects();
  check_before(memory, request_.writes,
               std::span(got_).subspan(request_.states.size() + request_.objects.size()));
}

// An exec since we looked took the regions away, and with them the address space that
// our writes would go to.
void LastCheck::check_regions(const RemoteMemory &memory) const {
  std::string_view magic(kRegionMagic, sizeof kRegionMagic);
  for (size_t i = 0; i < request_.states.size(); i++) {
    if (!holds_bytes(got_[i], magic))
      throw error(ExitCode::no_process, "process {} executed another program meanwhile",
                  memory.tid());
  }
}

// Another object may stand at the same place, with the same bytes at a patch site.
void LastCheck::check_objects() const {
  for (size_t i = 0; i < request_.objects.size(); i++) {
    const LoadedObject &o = request_.objects[i];
    if (!holds_bytes(got_[request_.states.size() + i], o.build_id))
      throw ObjectGone(fmt::format("{} was unloaded meanwhile", o.name), ExitCode::does_not_fit);
  }
}

} // namespace care
