# SPDX-License-Identifier: GPL-2.0-or-later
# expat's own test program, with the library in it, and its xmlwf.
FLAGS := $(CFLAGS) -I. -Ilib -DHAVE_EXPAT_CONFIG_H -DXML_TESTING
LIB := lib/xmlparse.o lib/xmlrole.o lib/xmltok.o
all: runtests xmlwf_
runtests: tests/runtests.o tests/chardata.o tests/structdata.o tests/minicheck.o tests/memcheck.o $(LIB)
	$(CC) $(CFLAGS) -o $@ $^ -Wl,--build-id
xmlwf_: xmlwf/xmlwf.o xmlwf/xmlfile.o xmlwf/codepage.o xmlwf/unixfilemap.o $(LIB)
	$(CC) $(CFLAGS) -o $@ $^ -Wl,--build-id
%.o: %.c expat_config.h
	$(CC) $(FLAGS) -c $< -o $@
expat_config.h:
	printf '#define %s\n' 'XML_NS 1' 'XML_DTD 1' 'XML_CONTEXT_BYTES 1024' 'BYTEORDER 1234' \
	  'HAVE_GETRANDOM 1' 'HAVE_MMAP 1' 'HAVE_UNISTD_H 1' 'HAVE_FCNTL_H 1' 'STDC_HEADERS 1' \
	  'HAVE_GETPAGESIZE 1' 'PACKAGE_STRING "expat"' 'PACKAGE_BUGREPORT ""' >$@
