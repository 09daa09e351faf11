# SPDX-License-Identifier: GPL-2.0-or-later
# A C++ program with a main of its own.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
prog: code.cc
	$(CXX) -std=c++20 $(CFLAGS) -fPIE -pie code.cc -o $@ -Wl,--build-id
