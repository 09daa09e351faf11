# SPDX-License-Identifier: GPL-2.0-or-later
# MODEL pie: -static-pie, nopie: -static.
CC ?= gcc
STATIC = $(if $(filter nopie,$(MODEL)),-static,-static-pie)
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie,-fPIE)
prog: code.o main.o
	$(CC) $(CFLAGS) $(STATIC) code.o main.o -o $@ -Wl,--build-id
%.o: %.c case.h
	$(CC) $(CFLAGS) $(PIE) -c $< -o $@
