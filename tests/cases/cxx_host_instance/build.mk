# SPDX-License-Identifier: GPL-2.0-or-later
# A library that leaves a name to the program; MODEL is lib.
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
ALL = $(CFLAGS) $(EXTRA_CFLAGS) -fPIC
prog: start.o libcode.so
	$(CXX) $(ALL) -pie -rdynamic start.o -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
libcode.so: code.o other.o
	$(CXX) $(ALL) -shared code.o other.o -o $@ -Wl,--build-id
%.o: %.cc shared.h
	$(CXX) $(ALL) -c $< -o $@
