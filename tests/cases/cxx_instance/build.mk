# SPDX-License-Identifier: GPL-2.0-or-later
# Three C++ units that share a header; main.o and, with MODEL=lib, the others in a library.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
ALL = $(CFLAGS) $(EXTRA_CFLAGS) $(PIC)
PIC = $(if $(filter lib,$(MODEL)),-fPIC,$(if $(filter nopie,$(MODEL)),-fno-pie,-fPIE))
LINK = $(if $(filter nopie,$(MODEL)),-no-pie,-pie)
ifeq ($(MODEL),lib)
prog: start.o libcode.so
	$(CXX) $(ALL) $(LINK) start.o -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
libcode.so: code.o other.o
	$(CXX) $(ALL) -shared code.o other.o -o $@ -Wl,--build-id
else
prog: start.o code.o other.o
	$(CXX) $(ALL) $(LINK) start.o code.o other.o -o $@ -Wl,--build-id
endif
%.o: %.cc shared.h
	$(CXX) $(ALL) -c $< -o $@
