// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

template struct Meter<int>;

APART std::string other(int n) {
  return std::to_string(n);
}
