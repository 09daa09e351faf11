# SPDX-License-Identifier: GPL-2.0-or-later
# A C++ program with a main of its own, which includes kpatch.h after the fix.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie -no-pie,-fPIE -pie)
prog: code.cc
	$(CXX) $(CFLAGS) $(EXTRA_CFLAGS) $(PIE) code.cc -o $@ -Wl,--build-id
