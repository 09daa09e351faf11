// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

#include <iostream>

APART std::string first(int n) {
  std::string text(1, '0' + static_cast<char>(n));
  return text;
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    int n = line[0] - '0';
    std::cout << first(n) << ' ' << second(n) << ' ' << other(n) << std::endl;
  }
}
