# SPDX-License-Identifier: GPL-2.0-or-later
# C++: code.cc and main.cc as one program, or code.cc as a library.
MODEL ?= pie
CXX = $(if $(findstring clang,$(CC)),clang++,g++)
PIE = $(if $(filter nopie,$(MODEL)),-fno-pie -no-pie,-fPIE -pie)
ALL = $(CFLAGS) -Wl,--build-id
ifeq ($(MODEL),lib)
prog: main.cc libcode.so
	$(CXX) $(ALL) $(PIE) main.cc -o $@ -L. -lcode -Wl,-rpath,'$$ORIGIN'
libcode.so: code.cc
	$(CXX) $(ALL) -fPIC -shared code.cc -o $@
else
prog: code.cc main.cc
	$(CXX) $(ALL) $(PIE) code.cc main.cc -o $@
endif
