// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

#ifndef OWN_COPY
extern template int tally<int>(int); // the program has it
#endif

#ifdef BY_POINTER
int (*const counter)(int) = &tally<int>;
#else
#define counter tally<int>
#endif

APART std::string show(int n) {
  std::string text = std::to_string(counter(n));
  return text + ' ' + other(n);
}
