# SPDX-License-Identifier: GPL-2.0-or-later
SOURCES := $(filter-out src/luac.c,$(wildcard src/*.c))
lua: $(SOURCES:.c=.o)
	$(CC) $(CFLAGS) -o $@ $^ -Wl,-E -lm -ldl -Wl,--build-id
%.o: %.c src/lua5.4-deb-multiarch.h
	$(CC) $(CFLAGS) -std=gnu99 -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -c $< -o $@
src/lua5.4-deb-multiarch.h:
	echo '#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"' >$@
