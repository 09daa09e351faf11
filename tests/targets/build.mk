# SPDX-License-Identifier: GPL-2.0-or-later
# Every object that the fix is in, and so that it is patched in: one library, and
# programs that hold the code themselves. What else the tests run is built by lib.sh.
CFLAGS = -O2 -g
ID = -Wl,--build-id
LIBRARY = $(CC) $(CFLAGS) -fPIC -shared fix.c $(ID)

all: libfix.so libbased.so static static_pie $(MUSL)
libfix.so: fix.c fix.h
	$(LIBRARY) -o $@
# As prelink leaves a library: linked for an address of its own.
libbased.so: fix.c fix.h
	$(LIBRARY) -Wl,-Ttext-segment=0x41000000 -o $@
static: host.c confine.c fix.c fix.h
	$(CC) $(CFLAGS) -static host.c confine.c fix.c $(ID) -o $@
static_pie: host.c confine.c fix.c fix.h
	$(CC) $(CFLAGS) -static-pie -fPIE host.c confine.c fix.c $(ID) -o $@
musl: host.c confine.c fix.c fix.h
	$(MUSL_CC) $(CFLAGS) -fPIE -pie host.c confine.c fix.c $(ID) -o $@
musl_static: host.c confine.c fix.c fix.h
	$(MUSL_CC) $(CFLAGS) -static host.c confine.c fix.c $(ID) -o $@
