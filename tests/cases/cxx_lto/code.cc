// SPDX-License-Identifier: GPL-2.0-or-later
#include "shape.h"

#include <iostream>

// Objects from before the patch.
static const Square square(3);
static const Disc disc(2);
static const Square huge(50);

const Shape &shape_of(int n) {
  const Shape *all[] = {&square, &disc, &huge};
  return *all[n % 3];
}

APART std::string answer(int n) {
  std::string text = described(n) + ' ';
  text += std::to_string(visit(1)) + ' ';
  return text + std::to_string(scaled(n));
}

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(std::stoi(line)) << std::endl;
}
