# SPDX-License-Identifier: GPL-2.0-or-later
# One program and a library of its own, in the version HELPER (empty, or
# -DWITHOUT_NEW for one that lacks what the fix needs).
CC ?= gcc
MODEL ?= pie
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie -no-pie,-fPIE -pie)
all: prog
prog: code.c main.c libhelper.so
	$(CC) $(CFLAGS) $(PIE) code.c main.c -o $@ -L. -lhelper -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
libhelper.so: helper.c
	$(CC) $(CFLAGS) $(HELPER) -fPIC -shared helper.c -o $@ -Wl,--build-id
