/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What client and servers of the stress run agree on. A request is a header and `size`
 * bytes; its answer says which level of the code made it and the checksum that this
 * level makes of the bytes. Level and checksum come from two functions that the fixes
 * change together, so that half a patch shows as a wrong checksum. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MOST = 4096, LEVELS = 3 };

struct request {
  uint32_t sequence;
  uint32_t size; /* at most MOST */
};

struct reply {
  uint32_t sequence;
  uint32_t level;
  uint64_t sum;
  uint64_t count; /* of all answers so far, by a variable that no patch may lose */
};

__attribute__((visibility("default"))) void answer(const struct request *request,
                                                   const uint8_t *bytes, struct reply *reply);

#ifdef __cplusplus
}
#endif
