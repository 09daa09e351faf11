// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#define APART __attribute__((noinline))

// A counter with a guard: one in the program, whoever counts.
inline int start(int n) {
  return n * 10;
}

template <typename T>
APART T count(T step) {
  static T counter = start(static_cast<int>(step));
  return counter += step;
}

// Nobody but the fix uses it with `long`: two units bring that.
template <typename T>
APART T tally(T step) {
  static T sum = 1000;
  return sum += step;
}

struct Shape {
  virtual ~Shape() = default;
  virtual int corners() const { return 0; }
};

struct Square : Shape {
  APART Square() = default;
  int corners() const override { return 4; }
};

using Counter = int (*)(int);
std::string other(int n);
bool same_counter(Counter f);
bool is_square(const Shape &shape);
std::string second(int n);
