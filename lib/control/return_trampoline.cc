// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/control/return_trampoline.h"

#include <algorithm>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/units.h"

namespace care {

namespace {

using namespace std::string_view_literals;

// The code, and the note behind it, at the end of a page.
constexpr uint64_t kRoom = 96;
constexpr std::string_view kCode = "\x48\x89\xc3"
                                   "\x45\x89\x2c\x24"
                                   "\x41\x89\x2e"
                                   "\xb8\x0f\x00\x00\x00"
                                   "\x0f\x05"
                                   "\xeb\xf7"sv;
static_assert(kCode.size() == 19);

// Ends of pages behind executable segments, the safest first.
std::vector<RemoteAddr> places(const std::vector<LoadedObject> &objects) {
  std::vector<const LoadedObject *> order;
  for (const LoadedObject &object : objects)
    order.push_back(&object);
  auto rank = [](const LoadedObject *object) {
    if (object->path == "[vdso]")
      return 0;
    return object->name.starts_with("libc.") || object->name.starts_with("ld-") ? 1 : 2;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const LoadedObject *a, const LoadedObject *b) { return rank(a) < rank(b); });
  std::vector<RemoteAddr> found;
  for (const LoadedObject *object : order) {
    for (const Segment &s : object->segments) {
      RemoteAddr end = object->bias + s.range.end;
      uint64_t slack = -end.value % kPage;
      if (s.exec && slack >= kRoom)
        found.push_back(end + (slack - kRoom));
    }
  }
  return found;
}

} // namespace

std::optional<ReturnTrampoline> find_return_trampoline(const std::vector<LoadedObject> &objects,
                                                       const RemoteMemory &memory) {
  for (RemoteAddr at : places(objects)) {
    char bytes[kCode.size()];
    if (memory.read_some(at, bytes, sizeof bytes) == sizeof bytes &&
        std::string_view(bytes, sizeof bytes) == kCode)
      return ReturnTrampoline{at};
  }
  return std::nullopt;
}

ReturnTrampoline make_return_trampoline(const std::vector<LoadedObject> &objects,
                                        const RemoteMemory &memory) {
  if (std::optional<ReturnTrampoline> found = find_return_trampoline(objects, memory))
    return *found;
  for (RemoteAddr at : places(objects)) {
    std::string bytes(kRoom, 'x');
    if (memory.read_some(at, bytes.data(), kRoom) != kRoom ||
        bytes.find_first_not_of('\0') != std::string::npos)
      continue;
    memory.write(at, kCode);
    return ReturnTrampoline{at};
  }
  throw error(ExitCode::unsupported, "process {} has no page of code with room for {} bytes",
              memory.tid(), kRoom);
}

} // namespace care
