/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

int work_three(int n) {
  return 1000 + n * n;
}
