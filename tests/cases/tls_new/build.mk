# SPDX-License-Identifier: GPL-2.0-or-later
# As the common one, and MODEL=dlopen: the library is opened by the running program.
# libother.so has a thread-local variable that code.c imports.
CC ?= gcc
MODEL ?= pie

all: prog
ALL = $(CFLAGS) $(EXTRA_CFLAGS)
LINK_OTHER = -L. -Wl,--no-as-needed -lother -Wl,-rpath,'$$ORIGIN'

libother.so: other.c
	$(CC) $(CFLAGS) -fPIC -shared other.c -o $@ -Wl,--build-id
libcode.so: code.c case.h libother.so
	$(CC) $(ALL) -fPIC -shared code.c -o $@ -Wl,--build-id -pthread $(LINK_OTHER)

ifeq ($(MODEL),lib)
prog: main.c libcode.so case.h
	$(CC) $(CFLAGS) -fPIE -pie main.c -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN' -Wl,--build-id -pthread
else ifeq ($(MODEL),dlopen)
prog: main.c libcode.so case.h
	$(CC) $(CFLAGS) -DDLOPEN -fPIE -pie main.c -o $@ -Wl,--build-id -pthread
else
ifeq ($(MODEL),nopie)
PIE = -fno-pie
LINK = -no-pie
else
PIE = -fPIE
LINK = -pie
endif
prog: code.o main.o libother.so
	$(CC) $(ALL) $(LINK) code.o main.o -o $@ -Wl,--build-id -pthread $(LINK_OTHER)
%.o: %.c case.h
	$(CC) $(ALL) $(PIE) -c $< -o $@
endif
