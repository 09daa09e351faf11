# SPDX-License-Identifier: GPL-2.0-or-later
# Several files, linked with -flto; LTO is the flavour, in EXTRA_CFLAGS too.
# MODEL: pie, nopie or lib.
CC ?= gcc
MODEL ?= pie
ALL = $(CFLAGS) $(EXTRA_CFLAGS)
SOURCES = code.c store.c words.c
OBJECTS = $(SOURCES:.c=.o)

all: prog
ifeq ($(MODEL),lib)
PIC = -fPIC
prog: main.o libcode.so
	$(CC) $(ALL) -pie main.o -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN' -Wl,--build-id -pthread
libcode.so: $(OBJECTS)
	$(CC) $(ALL) $(PIC) -shared $^ -o $@ -Wl,--build-id -pthread
else
ifeq ($(MODEL),nopie)
PIC = -fno-pie
LINK = -no-pie
else
PIC = -fPIE
LINK = -pie
endif
# words.o comes out of a static archive
prog: main.o code.o store.o libwords.a
	$(CC) $(ALL) $(PIC) $(LINK) main.o code.o store.o -L. -lwords -o $@ -Wl,--build-id -pthread
libwords.a: words.o
	gcc-ar rcs $@ $^
endif
main.o: PIC := $(if $(filter lib,$(MODEL)),-fPIE,$(PIC))
%.o: %.c case.h parts.h
	$(CC) $(ALL) $(PIC) -c $< -o $@
