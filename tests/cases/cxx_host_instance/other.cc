// SPDX-License-Identifier: GPL-2.0-or-later
#ifdef INLINED_HERE
#define TALLY inline
#endif
#include "shared.h"

APART std::string other(int n) {
  return std::to_string(n);
}
