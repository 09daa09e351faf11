# SPDX-License-Identifier: GPL-2.0-or-later
# Test targets. Every runner prints its failures and, last, `N passed, N failed, N skipped`.
#
#   make check-unit      unit tests
#   make check-harness   what the suites below share: does it fail where it must?
#   make check-asan      unit tests under AddressSanitizer and UBSan
#   make check-gensrc    assembly pairs through kpatch_gensrc
#   make check-tools     kpatch_cc, kpatch_make, kpatch_tool; projects of all build systems
#   make check-cases     live programs, short matrix
#   make check-targets   what targets do and are, and how ld.so resolves their imports
#   make check-loop      patch, replace and unpatch 10000 times; ROUNDS=number
#   make check-identity  no change, no patch: whole packages (network, ten minutes)
#   make check-matrix    live programs, every combination
#   make check-faults    the doctor killed at each of its calls (as root; an hour)
#   make check-real      published fixes in Debian's packages (network, hours); ONLY=O03,nginx JOBS=n
#   make check-large     the same for large packages: the C library, OpenSSL, PostgreSQL and more
#   make check-stress    patches come and go under load; DURATION=seconds for each server
#   make check-programs  Debian's own programs under load (network, as root)
#   make check-replace   real programs, every function replaced by itself
#   make check-stops     both halves of the safety check over thousands of random stops
#   make fuzz            half an hour for each fuzzer; TIME=seconds for another time
#   make bench           speed, as ratios measured side by side; PARTS="stops calls" for some

CHECKS := check-unit check-asan check-harness check-gensrc check-tools check-replace-quick check-cases check-targets \
  check-faults-quick check-stops-quick check-loop-quick check-stress-quick
.PHONY: check $(CHECKS) check-faults check-stops check-identity check-matrix check-real check-large check-replace \
  check-loop check-stress check-programs demo bench fuzz

# $(call pytest,NAME,FILE... OPTION...): a suite in pytest, $(JOBS) tests at a time; its results
# are in junit/NAME.xml, too. The packages of pytest are those of the system's Python.
PYTHON ?= /usr/bin/python3
pytest = BUILD=$(abspath $(BUILD)) $(PYTHON) -B -m pytest -q -n $(JOBS) --junitxml $(BUILD)/junit/$(1).xml $(2)

check:
	@$(MAKE) --no-print-directory -j$(JOBS) all $(BUILD)/bin/unit_tests
	@tests/summary $(MAKE) $(CHECKS)

check-unit: $(BUILD)/bin/unit_tests
	tests/unit/run $(BUILD)/bin/unit_tests --gtest_output=xml:$(BUILD)/junit/unit.xml

# The same tests once more with the sanitizers, in a build of their own.
check-asan:
	$(MAKE) -j$(JOBS) BUILD=$(BUILD)/asan CXXFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all" \
	  $(BUILD)/asan/bin/unit_tests
	tests/unit/run $(BUILD)/asan/bin/unit_tests --gtest_output=xml:$(BUILD)/junit/asan.xml

check-harness: all
	$(call pytest,harness,tests/test_harness.py)

check-gensrc: all
	$(call pytest,gensrc,tests/gensrc)

check-tools: all
	BUILD=$(abspath $(BUILD)) tests/cc/run
	$(call pytest,cc,tests/cc)
	BUILD=$(abspath $(BUILD)) tests/identity/run --quick
	BUILD=$(abspath $(BUILD)) tests/tool/run
	BUILD=$(abspath $(BUILD)) tests/projects/run

check-cases: all
	$(call pytest,cases,tests/test_cases.py tests/test_flags.py)

check-targets: all
	BUILD=$(abspath $(BUILD)) tests/targets/run

# The doctor is killed before and after each call by which it touches a process.
check-faults-quick: all
	BUILD=$(abspath $(BUILD)) tests/faults/run --variant plain --every 40
	BUILD=$(abspath $(BUILD)) tests/faults/run --variant rich --every 120

check-faults: all
	BUILD=$(abspath $(BUILD)) tests/faults/run

# A doctor that patches, replaces and unpatches one process over and over: is anything left?
$(BUILD)/bin/rounds: $(BUILD)/obj/tests/loop/rounds.o $(LIB)
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) $^ -o $@ \
	  $(UNWIND_LIBS) $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt

ROUNDS ?= 10000
check-loop: all $(BUILD)/bin/rounds
	BUILD=$(abspath $(BUILD)) tests/loop/run $(ROUNDS)
check-loop-quick: all $(BUILD)/bin/rounds
	BUILD=$(abspath $(BUILD)) tests/loop/run 200

check-identity: all
	BUILD=$(abspath $(BUILD)) tests/identity/run

check-matrix: all
	$(call pytest,matrix,--full tests/test_cases.py)

# Real fixes in real packages; WORK=DIR keeps the builds and uses them again, RECORD=1 keeps
# the results for docs/real.rst.
comma := ,
check-real: JOBS := $(if $(filter command line environment,$(origin JOBS)),$(JOBS),1)
check-real: all
	BUILD=$(abspath $(BUILD)) JOBS=$(JOBS) tests/real/run $(subst $(comma), ,$(ONLY))

# The same for packages of the size of a C library, half an hour and more for each.
check-large: all
	BUILD=$(abspath $(BUILD)) FIXES=tests/real/large tests/real/run $(subst $(comma), ,$(ONLY))

# Every function of a program replaced by itself: small ones here, real ones with
# their own tests on request (Debian's sources, from the network).
check-replace-quick: all
	BUILD=$(abspath $(BUILD)) tests/replace/quick

check-replace: all
	BUILD=$(abspath $(BUILD)) tests/replace/run

CHECK_STOPS := $(BUILD)/bin/check_stops
$(CHECK_STOPS): $(BUILD)/obj/tests/stops/check_stops.o $(LIB)
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(UNWIND_LIBS) $(ELF_LIBS) \
	  -lZydis -lZycore -lsodium -lfmt

check-stops: $(CHECK_STOPS)
	BUILD=$(abspath $(BUILD)) tests/stops/run

check-stops-quick: $(CHECK_STOPS)
	BUILD=$(abspath $(BUILD)) STOPS=40 tests/stops/run

# Patches come and go while servers work: a minute for each, some seconds in `make check`.
DURATION ?= 60
check-stress: all
	BUILD=$(abspath $(BUILD)) DURATION=$(DURATION) tests/stress/run

check-stress-quick: all
	BUILD=$(abspath $(BUILD)) DURATION=3 CLIENTS=3 tests/stress/run

# Debian's own binaries, with a library of theirs (zlib, lz4) replaced by itself under load.
check-programs: all
	BUILD=$(abspath $(BUILD)) tests/real/programs/run

demo:
	@$(MAKE) -j$(JOBS) all
	@BUILD=$(abspath $(BUILD)) tests/demo/run

# The helpers of the benchmarks, a program for each source.
BENCH_TOOLS := $(patsubst tests/bench/%.cc,$(BUILD)/bin/%,$(wildcard tests/bench/*.cc))
$(BENCH_TOOLS): $(BUILD)/bin/%: $(BUILD)/obj/tests/bench/%.o $(LIB)
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) $^ -o $@ -lfmt

bench: all $(BENCH_TOOLS)
	BUILD=$(abspath $(BUILD)) tests/bench/run $(PARTS)

# libFuzzer is clang's. The objects are a build of their own.
TIME ?= 1800
FUZZERS := $(patsubst tests/fuzz/fuzz_%.cc,fuzz_%,$(wildcard tests/fuzz/fuzz_*.cc))
$(call bin,$(FUZZERS)): $(BUILD)/bin/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_OBJECTS) $(LIB)
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer $^ -o $@ \
	  $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt

.PHONY: fuzzers
fuzzers: $(call bin,$(FUZZERS))

fuzz:
	$(MAKE) -j$(JOBS) BUILD=$(BUILD)/fuzz CXX=clang++ \
	  CXXFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" fuzzers
	BUILD=$(abspath $(BUILD))/fuzz tests/fuzz/run $(TIME)
