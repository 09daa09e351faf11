# SPDX-License-Identifier: GPL-2.0-or-later
# Every object that the fix is in, and so that it is patched in: one library, and
# programs that hold the code themselves. What else the tests run is built by lib.sh.
CFLAGS = -O2 -g
ID = -Wl,--build-id
LIBRARY = $(CC) $(CFLAGS) -fPIC -shared fix.c $(ID)

all: libimports.so libfix.so libbased.so static static_pie $(MUSL)
libfix.so: fix.c fix.h
	$(LIBRARY) -o $@
# As prelink leaves a library: linked for an address of its own. And with a build-id
# that is no SHA-1.
libbased.so: fix.c fix.h
	$(LIBRARY) -Wl,-Ttext-segment=0x41000000 -Wl,--build-id=md5 -o $@
static: host.c confine.c fix.c fix.h
	$(CC) $(CFLAGS) -static host.c confine.c fix.c $(ID) -o $@
static_pie: host.c confine.c fix.c fix.h
	$(CC) $(CFLAGS) -static-pie -fPIE host.c confine.c fix.c $(ID) -o $@
musl: host.c confine.c fix.c fix.h
	$(MUSL_CC) $(CFLAGS) -fPIE -pie host.c confine.c fix.c $(ID) -o $@
musl_static: host.c confine.c fix.c fix.h
	$(MUSL_CC) $(CFLAGS) -static host.c confine.c fix.c $(ID) -o $@

# The library with the imports, and what defines them (imports.h).
libimports.so: imports.c imports.h libneeded.so
	$(CC) $(CFLAGS) -D_GNU_SOURCE -fPIC -shared imports.c $(ID) -o $@ -L. -Wl,--no-as-needed -lneeded
libneeded.so: imports_first.c imports.h imports.map
	$(CC) $(CFLAGS) -DNEEDED -fPIC -shared imports_first.c -Wl,--version-script,imports.map -o $@
