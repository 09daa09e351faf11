/* SPDX-License-Identifier: GPL-2.0-or-later
 * libglobal.so; see imports.h. */
#include "imports.h"

EXPORT const char *global_late(void) {
  return "libglobal";
}
