# SPDX-License-Identifier: GPL-2.0-or-later
# Two C++ units that share a header.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
ALL = $(CFLAGS) $(EXTRA_CFLAGS) $(if $(filter nopie,$(MODEL)),-fno-pie,-fPIE)
prog: code.o other.o
	$(CXX) $(ALL) $(if $(filter nopie,$(MODEL)),-no-pie,-pie) code.o other.o -o $@ -Wl,--build-id
%.o: %.cc shared.h
	$(CXX) $(ALL) -c $< -o $@
