// SPDX-License-Identifier: GPL-2.0-or-later
// The program that has what its library leaves undefined.
#include "shared.h"

#include <iostream>

template int tally<int>(int);

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << show(std::stoi(line)) << ' ' << tally(0) << std::endl;
}
