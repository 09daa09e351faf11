// SPDX-License-Identifier: GPL-2.0-or-later
// What both units have a copy of; the linker keeps one.
#pragma once
#include <string>

inline int calls = 100; // an inline variable

#define APART __attribute__((noinline))

// A static local variable that both copies share, with its guard.
inline APART std::string &history() {
  static std::string text = "begin";
  return text;
}

inline APART int rate(int n) {
  calls++;
  history() += '.';
  return n + 1;
}

template <typename T>
APART T clamp(T value) {
  static T highest = 5;
  if (value > highest)
    highest = value;
  return value < 0 ? value : highest;
}
extern template int clamp<int>(int); // other.cc has it

struct Counter {
  int value = 0;
  APART int next() { return ++value; }
};

int other(int n);
