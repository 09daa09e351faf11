# SPDX-License-Identifier: GPL-2.0-or-later
# A C++20 program with a main of its own.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie -no-pie,-fPIE -pie)
prog: code.cc
	$(CXX) -std=c++20 $(CFLAGS) $(EXTRA_CFLAGS) $(PIE) code.cc -o $@ -Wl,--build-id
