// SPDX-License-Identifier: GPL-2.0-or-later
//
// The code that is patched, in C++: bytes that begin with zero are an exception, thrown
// through a function with something to destroy.
#include "work.h"

#include <stdexcept>
#include <string>

static uint64_t count;

static __attribute__((noinline)) uint64_t mix(const std::string &bytes) {
  uint64_t h = 1469598103934665603u;
  for (unsigned char c : bytes)
    h = (h ^ c) * 1099511628211u;
  if (!bytes.empty() && bytes[0] == 0)
    throw std::range_error(std::to_string(1000 + bytes.size()));
  return h;
}

static __attribute__((noinline)) uint64_t copy_and_mix(const uint8_t *bytes, uint32_t size) {
  std::string copy(reinterpret_cast<const char *>(bytes), size);
  return mix(copy);
}

void answer(const request *request, const uint8_t *bytes, reply *reply) {
  reply->sequence = request->sequence;
  reply->level = 0;
  try {
    reply->sum = copy_and_mix(bytes, request->size);
  } catch (const std::range_error &e) {
    reply->sum = std::stoull(e.what());
  }
  reply->count = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
}
