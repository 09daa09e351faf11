// SPDX-License-Identifier: GPL-2.0-or-later
#include <iostream>
#include <string>

namespace {

int limit = 10;
int seen = 0; // only counted

} // namespace

__attribute__((noinline)) int twice(int x) {
  return 2 * x;
}

// Waits for its second line itself: somebody is inside for as long as it likes.
__attribute__((noinline)) std::string joined(const std::string &first) {
  std::cout << "go on" << std::endl;
  std::string second;
  std::getline(std::cin, second);
  return first + second;
}

namespace {

__attribute__((noinline)) int answer(int x) {
  seen++;
  return twice(x) + limit++;
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    if (line == "join")
      std::cout << joined("a") << std::endl;
    else
      std::cout << line << ' ' << answer(static_cast<int>(line.size()) + 2) << ' ' << seen << std::endl;
}
