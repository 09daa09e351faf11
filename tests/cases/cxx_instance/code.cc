// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

extern template struct Meter<int>;

APART std::string show(int n) {
  Meter<int> meter;
  return std::to_string(meter.read(n)) + ' ' + other(n);
}
