// SPDX-License-Identifier: GPL-2.0-or-later
// What all units see: link-time optimisation may inline any of it, devirtualise and move it.
#pragma once
#include <stdexcept>
#include <string>

#define APART __attribute__((noinline))

struct Shape {
  explicit Shape(int size) : size_(size) {}
  virtual ~Shape() = default;
  virtual int area() const = 0;
  virtual std::string name() const { return "shape"; }
  int size_;
};

struct Square : Shape {
  using Shape::Shape;
  int area() const override;
  std::string name() const override;
};

struct Disc : Shape {
  using Shape::Shape;
  int area() const override;
  std::string name() const override { return "disc"; }
};

// An inline function with a counter that all units share.
inline APART int visit(int by) {
  static int visits = 100;
  return visits += by;
}

template <typename T>
APART T scaled(T value) {
  static T highest = 5;
  if (value > highest)
    highest = value;
  return value * 2 + highest;
}

const Shape &shape_of(int n);
int checked_area(const Shape &shape);
std::string described(int n);
