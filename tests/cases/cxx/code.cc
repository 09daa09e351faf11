// SPDX-License-Identifier: GPL-2.0-or-later
#include <iostream>
#include <string>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual int area(int n) const = 0;
};

struct Square : Shape {
  __attribute__((noinline)) int area(int n) const override { return n * n + 1000; }
};

template <typename T>
__attribute__((noinline)) T twice(T value) {
  static T calls{};
  calls += 1;
  return value + value + (calls < 0);
}

} // namespace

int main() {
  Square square;
  const Shape *shape = &square;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << line << ' ' << shape->area(3) << ' ' << twice(4) << std::endl;
}
