/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The code that is patched, in C. Bytes that begin with zero take another way. */
#include "work.h"

static uint64_t count;

static __attribute__((noinline)) int mix(const uint8_t *bytes, uint32_t size, uint64_t *sum) {
  uint64_t h = 1469598103934665603u;
  for (uint32_t i = 0; i < size; i++)
    h = (h ^ bytes[i]) * 1099511628211u;
  *sum = h;
  return size == 0 || bytes[0] != 0;
}

void answer(const struct request *request, const uint8_t *bytes, struct reply *reply) {
  reply->sequence = request->sequence;
  reply->level = 0;
  if (!mix(bytes, request->size, &reply->sum))
    reply->sum = 1000 + request->size;
  reply->count = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
}
