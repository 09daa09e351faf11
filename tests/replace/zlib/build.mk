# SPDX-License-Identifier: GPL-2.0-or-later
# zlib as a shared object, and the two programs that test it.
FLAGS := $(CFLAGS) -DHAVE_UNISTD_H -DHAVE_STDARG_H -D_LARGEFILE64_SOURCE=1 -I.
all: minigzip example
libz.so: $(patsubst %.c,%.o,$(wildcard *.c))
	$(CC) $(CFLAGS) -shared -o $@ $^ -Wl,--build-id
%.o: %.c
	$(CC) $(FLAGS) -fPIC -c $< -o $@
minigzip example: %: test/%.c libz.so
	$(CC) $(FLAGS) -o $@ $< -L. -lz -Wl,-rpath,'$$ORIGIN' -Wl,--build-id
