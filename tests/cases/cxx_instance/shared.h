// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#define APART __attribute__((noinline))

template<typename T>
struct Meter {
  static T highest;
  T last = 0;
  APART T read(T value) {
    if (value > highest)
      highest = value;
    return last = value + highest;
  }
  virtual T twice(T value) const { return 2 * value; }
  virtual ~Meter() = default;
};
template<typename T>
T Meter<T>::highest = 1;

std::string show(int n);
std::string other(int n);
