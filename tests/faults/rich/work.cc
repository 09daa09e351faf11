// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdexcept>

#include "work.h"

static int base = 1000;

int work_one(int n) {
  try {
    if (n > 0)
      throw std::runtime_error("always");
  } catch (const std::exception &) {
    return 1000 + n * n;
  }
  return 0;
}
int work_two(int n) {
  return 1000 + n * n;
}
int work_three(int n) {
  return base + n * n;
}
