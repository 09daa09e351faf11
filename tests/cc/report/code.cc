// SPDX-License-Identifier: GPL-2.0-or-later
// Names and strings that a page must escape.
#include <iostream>
#include <string>

#include "shape.h"

int limit = 7;

struct Odd {
  int value;
  bool operator<(const Odd &other) const;
  template <typename T>
  T operator&(T other) const;
  std::string operator()(const std::string &text) const;
};

__attribute__((noinline)) bool Odd::operator<(const Odd &other) const {
  return value < other.value;
}

template <typename T>
__attribute__((noinline)) T Odd::operator&(T other) const {
  return value & other;
}

__attribute__((noinline)) std::string Odd::operator()(const std::string &text) const {
  return text + "</script><script>alert(1)</script>";
}

int main() {
  Odd odd{limit};
  for (std::string line; std::getline(std::cin, line);)
    std::cout << odd(line) << (odd < Odd{7}) << (odd & 4) << area(Shape<int>{3}) << std::endl;
}
