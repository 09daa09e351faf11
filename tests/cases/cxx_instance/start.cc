// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

#include <iostream>

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << show(std::stoi(line)) << std::endl;
}
