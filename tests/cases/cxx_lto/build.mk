# SPDX-License-Identifier: GPL-2.0-or-later
# Three C++ units, linked with -flto. MODEL: pie, nopie or lib.
MODEL ?= pie
CXX = g++
ALL = $(CFLAGS) $(EXTRA_CFLAGS) $(PIC)
PIC = $(if $(filter nopie,$(MODEL)),-fno-pie,$(if $(filter lib,$(MODEL)),-fPIC,-fPIE))
LINK = $(if $(filter nopie,$(MODEL)),-no-pie,-pie)
ifeq ($(MODEL),lib)
prog: code.o libwords.so
	$(CXX) $(ALL) -pie code.o -o $@ -L. -lwords -rdynamic -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
libwords.so: words.o shapes.o
	$(CXX) $(ALL) -shared $^ -o $@ -Wl,--build-id
else
prog: code.o words.o shapes.o
	$(CXX) $(ALL) $(LINK) $^ -o $@ -Wl,--build-id
endif
%.o: %.cc shape.h
	$(CXX) $(ALL) -c $< -o $@
