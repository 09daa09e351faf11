# SPDX-License-Identifier: GPL-2.0-or-later
# leveldb as a shared object, and some of its tests (with GoogleTest from the system).
FLAGS := $(CXXFLAGS) -std=c++17 -I. -Iinclude -DLEVELDB_PLATFORM_POSIX=1 -DLEVELDB_COMPILE_LIBRARY \
  -DHAVE_FDATASYNC=1 -DHAVE_O_CLOEXEC=1 -DHAVE_CRC32C=0 -DHAVE_SNAPPY=0 -fno-exceptions
LIB := $(filter-out %_test.cc db/leveldbutil.cc util/testutil.cc %_windows.cc,\
  $(wildcard db/*.cc table/*.cc util/*.cc helpers/memenv/memenv.cc))
TESTS := db_test table_test
all: $(TESTS)
libleveldb.so: $(LIB:.cc=.o)
	$(CXX) $(CXXFLAGS) -shared -o $@ $^ -lpthread -Wl,--build-id
%.o: %.cc port/port_config.h
	$(CXX) $(FLAGS) -fPIC -c $< -o $@
port/port_config.h:
	echo >$@
db_test: db/db_test.o util/testutil.o libleveldb.so
table_test: table/table_test.o util/testutil.o libleveldb.so
$(TESTS):
	$(CXX) $(CXXFLAGS) -o $@ $^ -Wl,-rpath,'$$ORIGIN' -lgtest -lgmock -lbenchmark -lpthread -Wl,--build-id
