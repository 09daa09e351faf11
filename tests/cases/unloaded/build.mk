# SPDX-License-Identifier: GPL-2.0-or-later
# A program that opens libraries late. Without libstdc++ of its own, so that it goes and
# comes with the plug-in, too.
CC ?= gcc
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
all: prog plugin.so other.so
prog: main.c
	$(CC) $(CFLAGS) -fPIE -pie main.c -o $@ -Wl,--build-id
plugin.so: code.cc
	$(CXX) $(CFLAGS) -fPIC -shared code.cc -o $@ -Wl,--build-id
other.so: other.c
	$(CC) $(CFLAGS) -fPIC -shared other.c -o $@ -Wl,--build-id
