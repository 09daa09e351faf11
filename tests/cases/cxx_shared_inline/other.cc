// SPDX-License-Identifier: GPL-2.0-or-later
#include "shared.h"

std::string other(int n) {
  Square square;
  const Shape &shape = square;
  std::string text = std::to_string(count(n));
  return std::move(text) + std::string("/") + std::to_string(is_square(shape));
}

bool same_counter(Counter f) { return f == &count<int>; }

bool is_square(const Shape &shape) { return dynamic_cast<const Square *>(&shape) != nullptr; }
