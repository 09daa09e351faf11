// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

#include <iostream>

Counter first;

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    int n = std::stoi(line);
    std::cout << rate(n) << ' ' << other(n) << ' ' << clamp(n) << ' ' << clamp(n + 0L) << ' '
              << first.next() << ' ' << calls << ' ' << history() << std::endl;
  }
}
