# SPDX-License-Identifier: GPL-2.0-or-later
# An executable and five libraries.
CC ?= gcc
NAMES = one two three four five
LIBS = $(NAMES:%=lib%.so)
prog: main.c $(LIBS)
	$(CC) $(CFLAGS) -fPIE -pie main.c -o $@ -L. $(NAMES:%=-l%) -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
lib%.so: code.c
	$(CC) $(CFLAGS) -fPIC -shared -DNAME=$* code.c -o $@ -Wl,--build-id
