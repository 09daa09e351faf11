// SPDX-License-Identifier: GPL-2.0-or-later
// What classes bring: C1/C2 and D0/D1/D2, thunks for second and virtual bases, covariant
// results, dynamic_cast and typeid, pointers to members, operators. Objects made
// before the patch are used after it.
#include <iostream>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#define APART __attribute__((noinline))

std::string trace;

struct Named {
  virtual ~Named() { trace += "~N"; }
  virtual std::string name() const { return "named"; }
  virtual Named *self() { return this; }
};

struct Sized {
  int size = 3;
  virtual ~Sized() { trace += "~S"; }
  virtual int measure(int unit) const { return size * unit; }
  virtual Sized *twin() { return this; }
};

struct Root {
  int root = 7;
  virtual ~Root() { trace += "~R"; }
  virtual int depth() const { return root; }
};

struct Left : virtual Root {
  int left = 1;
  APART int depth() const override { return root + left; }
};

struct Right : virtual Root {
  int right = 2;
};

struct Whole : Named, Sized, Left, Right {
  std::string label;
  APART explicit Whole(const std::string &text) : label(text) { size = 4; }
  APART ~Whole() override { trace += "~W"; }
  APART std::string name() const override { return "whole " + label; }
  APART int measure(int unit) const override { return size * unit + 1; }
  APART Whole *twin() override { return trace.reserve(64), this; }
  APART int depth() const override { return root * 10 + right; }
  APART bool operator<(const Whole &other) const { return label < other.label; }
  APART int operator()(int n) { return n + size; }
  APART explicit operator bool() const { return size > 5; }
};

using Measure = int (Sized::*)(int) const;
using Call = int (Whole::*)(int);

APART std::string inspect(Sized &sized) {
  Whole *whole = dynamic_cast<Whole *>(&sized);
  return typeid(sized) == typeid(Whole) && whole != nullptr ? whole->name() : "other";
}

int main() {
  std::vector<std::unique_ptr<Whole>> all;
  all.push_back(std::make_unique<Whole>("first"));
  Measure measure = &Sized::measure;
  Call call = &Whole::operator();
  for (std::string line; std::getline(std::cin, line);) {
    trace.clear();
    all.push_back(std::make_unique<Whole>(line));
    Whole &old = *all.front();
    Sized &sized = old;
    Root &root = *all.back();
    Left left;
    Whole &latest = *all.back();
    std::cout << inspect(sized) << ' ' << (sized.*measure)(2) << ' ' << sized.twin()->measure(1)
              << ' ' << root.depth() << ' ' << left.depth() << ' ' << (old < latest)
              << (old.*call)(1) << bool(latest) << ' ' << latest.size;
    Sized *last = all.back().release();
    all.pop_back();
    delete last;
    std::cout << ' ' << trace << std::endl;
  }
}
