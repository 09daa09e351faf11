# SPDX-License-Identifier: GPL-2.0-or-later
# Builds one case: code.c and main.c as one program, or code.c as a library.
# MODEL: pie, nopie or lib. CC and CFLAGS come from the matrix.
CC ?= gcc
MODEL ?= pie

all: prog
ALL = $(CFLAGS) $(EXTRA_CFLAGS)

ifeq ($(MODEL),lib)
prog: main.c libcode.so case.h
	$(CC) $(ALL) -fPIE -pie main.c -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN' -Wl,--build-id -pthread
libcode.so: code.c case.h
	$(CC) $(ALL) -fPIC -shared code.c -o $@ -Wl,--build-id -pthread
else
ifeq ($(MODEL),nopie)
PIE = -fno-pie
LINK = -no-pie
else
PIE = -fPIE
LINK = -pie
endif
prog: code.o main.o
	$(CC) $(ALL) $(LINK) code.o main.o -o $@ -Wl,--build-id -pthread
%.o: %.c case.h
	$(CC) $(ALL) $(PIE) -c $< -o $@
endif
