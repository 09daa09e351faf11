# SPDX-License-Identifier: GPL-2.0-or-later
# SOURCE (work.c or work.cc) is a library, and kpatch_make builds nothing else: the same
# patches go into servers with and without AddressSanitizer, whose own code no patch can
# have.
CC = gcc
CXX = g++
libwork.so: $(SOURCE) work.h
	$(if $(filter %.cc,$(SOURCE)),$(CXX),$(CC)) -O2 -fPIC -shared $(SOURCE) -o $@ -Wl,--build-id
