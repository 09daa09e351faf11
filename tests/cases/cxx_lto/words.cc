// SPDX-License-Identifier: GPL-2.0-or-later
#include "shape.h"

namespace {

struct Trace {
  std::string &text;
  ~Trace() { text += '~'; }
};

} // namespace

APART int checked_area(const Shape &shape) {
  int area = shape.area();
  if (area > 100)
    throw std::out_of_range(shape.name());
  visit(2);
  return area;
}

// The exception passes through here, and a destructor runs.
APART int traced_area(const Shape &shape, std::string &text) {
  Trace trace{text};
  text += shape.name() + ' ';
  return checked_area(shape);
}

APART std::string described(int n) {
  std::string text;
  try {
    text += std::to_string(traced_area(shape_of(n), text));
  } catch (const std::out_of_range &too_large) {
    text += std::string(" no ") + too_large.what();
  }
  return text + ' ' + std::to_string(scaled(n));
}
