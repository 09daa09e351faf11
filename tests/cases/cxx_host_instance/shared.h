// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#define APART __attribute__((noinline))
#ifndef TALLY
#define TALLY APART
#endif

// One counter in the process, whoever counts.
template <typename T>
TALLY T tally(T step) {
  static T sum = 100;
  return sum += step;
}

std::string show(int n);
std::string other(int n);
