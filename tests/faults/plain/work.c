/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

int work_one(int n) {
  return 1000 + n * n;
}

int work_two(int n) {
  return 1000 + n * n;
}
