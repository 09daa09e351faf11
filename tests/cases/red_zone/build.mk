# SPDX-License-Identifier: GPL-2.0-or-later
# libother.so has the data. MODEL: pie or nopie.
CC ?= gcc
MODEL ?= pie
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie,-fPIE)
prog: code.o main.o libother.so
	$(CC) $(CFLAGS) $(if $(filter nopie,$(MODEL)),-no-pie,-pie) code.o main.o -o $@ -L. -Wl,--no-as-needed -lother -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
%.o: %.c case.h
	$(CC) $(CFLAGS) $(EXTRA_CFLAGS) $(PIE) -c $< -o $@
libother.so: other.c
	$(CC) $(CFLAGS) -fPIC -shared other.c -o $@ -Wl,--build-id
