# SPDX-License-Identifier: GPL-2.0-or-later
# Three C++ units; other.o, which has the shared code before the fix, comes last.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
ALL = $(CFLAGS) $(EXTRA_CFLAGS) $(if $(filter nopie,$(MODEL)),-fno-pie,-fPIE)
OBJECTS = code.o second.o other.o
prog: $(OBJECTS)
	$(CXX) $(ALL) $(if $(filter nopie,$(MODEL)),-no-pie,-pie) $(OBJECTS) -o $@ -Wl,--build-id
%.o: %.cc shared.h
	$(CXX) $(ALL) -c $< -o $@
