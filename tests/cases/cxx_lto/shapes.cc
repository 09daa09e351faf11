// SPDX-License-Identifier: GPL-2.0-or-later
#include "shape.h"

int Square::area() const { return size_ * size_; }
std::string Square::name() const { return "square"; }

int Disc::area() const { return static_cast<int>(scaled(3L * size_ * size_)); }
