# SPDX-License-Identifier: GPL-2.0-or-later
# A program that loads its library itself, and again when it is told to.
all: prog libcode.so
prog: main.c
	$(CC) $(CFLAGS) -fPIE -pie main.c -o $@ -ldl -Wl,--build-id
libcode.so: code.c case.h
	$(CC) $(CFLAGS) -fPIC -shared code.c -o $@ -Wl,--build-id
