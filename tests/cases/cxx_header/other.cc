// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

template int clamp<int>(int);

Counter second;

int other(int n) {
  return rate(n) * 1000 + clamp(n) + static_cast<int>(clamp(n + 0L)) + second.next() * 0;
}
