// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

template <typename T>
struct Shape {
  T side;
};

template <typename T>
__attribute__((noinline)) T area(const Shape<T> &shape) {
  return shape.side * shape.side;
}
