# SPDX-License-Identifier: GPL-2.0-or-later
#
# One non-recursive makefile. Everything that is built lands in $(BUILD);
# programs in $(BUILD)/bin.
#
#   make            all programs
#   make deps       install what building and testing needs (Debian, Fedora)
#   make check      unit tests and cases
#   make demo       the main job on a bundled service, from nothing
#   make help       the other targets

CXX ?= g++
ifeq ($(origin CXX),default)
CXX := g++
endif
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)

CXXFLAGS ?= -O2 -g1
IS_CLANG := $(findstring clang,$(shell $(CXX) --version))
# gcc 12 to 14 see writes beyond a std::string that was moved from, in the standard library's
# own code, and no longer pass over them once that is in a precompiled header (GCC PR 105329).
WARNINGS := -Wall -Wextra -Werror $(if $(IS_CLANG),,-Wno-array-bounds -Wno-stringop-overflow \
  -Wno-stringop-overread -Wno-restrict)
ALL_CXXFLAGS := -std=c++20 $(WARNINGS) -I. $(CXXFLAGS)
# Symbols are bound at start: the first call of a function may come while a target stands still.
ALL_LDFLAGS := -Wl,-z,relro,-z,now $(LDFLAGS)

TOOLS := kpatch_gensrc kpatch_cc kpatch_tool libcare-ctl kpatch_make
bin = $(addprefix $(BUILD)/bin/,$(1))

# Where kpatch_cc finds kpatch.h, relative to its own folder: a folder of its own, so that
# a build sees nothing else by it.
HEADER_FOLDER := share/libcare/include
HEADER := $(BUILD)/$(HEADER_FOLDER)/kpatch.h

.DEFAULT_GOAL := all
.PHONY: all
all: $(call bin,$(TOOLS)) $(HEADER)

# ---- sources ------------------------------------------------------------------
# lib/ is one archive; every program is its folder plus what it uses of lib.
sources = $(sort $(wildcard $(addsuffix /*.cc,$(1)) $(addsuffix /*/*.cc,$(1))))
objects = $(patsubst %.cc,$(BUILD)/obj/%.o,$(1))

LIB_MODULES := base cli json store x86 elf dwarf layout patchfile process control unwind coroutines resolve target runtime \
  transaction
LIB_SOURCES := $(foreach m,$(LIB_MODULES),$(call sources,lib/$(m)))
LIB := $(BUILD)/libcare.a

# A program's main.cc stays out of its archive, so that unit tests can link the rest.
program_sources = $(filter-out %/main.cc,$(call sources,$(1)))

GENSRC_OBJECTS := $(call objects,$(call program_sources,kpatch_gensrc))
CC_OBJECTS := $(call objects,$(call program_sources,kpatch_cc))
TOOL_OBJECTS := $(call objects,$(call program_sources,kpatch_tool))
CTL_OBJECTS := $(call objects,$(call program_sources,libcare-ctl))
MAKE_OBJECTS := $(call objects,$(call program_sources,kpatch_make))

$(LIB): $(call objects,$(LIB_SOURCES))
	@mkdir -p $(@D)
	@rm -f $@
	$(QUIET_AR)$(AR) rcs $@ $^

ELF_LIBS := -ldw -lelf
UNWIND_LIBS := -lunwind-ptrace -lunwind-x86_64 -lunwind

$(BUILD)/bin/kpatch_gensrc: $(BUILD)/obj/kpatch_gensrc/main.o $(GENSRC_OBJECTS) $(LIB)
$(BUILD)/bin/kpatch_gensrc: LIBS := -lfmt
$(BUILD)/bin/kpatch_cc: $(BUILD)/obj/kpatch_cc/main.o $(CC_OBJECTS) $(LIB)
$(BUILD)/bin/kpatch_cc: LIBS := -lZydis -lZycore -lsodium -lfmt
# Both run inside clean roots, with their libraries beside them (private_tools.h). Libraries'
# own dependencies are to be found there too, hence not DT_RUNPATH.
$(call bin,kpatch_gensrc kpatch_cc): ALL_LDFLAGS += -Wl,-rpath,'$$ORIGIN/../lib/private' -Wl,--disable-new-dtags
$(BUILD)/bin/kpatch_tool: $(BUILD)/obj/kpatch_tool/main.o $(TOOL_OBJECTS) $(LIB)
$(BUILD)/bin/kpatch_tool: LIBS := $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt
$(BUILD)/bin/libcare-ctl: $(BUILD)/obj/libcare-ctl/main.o $(CTL_OBJECTS) $(LIB)
$(BUILD)/bin/libcare-ctl: LIBS := $(UNWIND_LIBS) $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt
$(BUILD)/bin/kpatch_make: $(BUILD)/obj/kpatch_make/main.o $(MAKE_OBJECTS) $(LIB)
$(BUILD)/bin/kpatch_make: LIBS := $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt

$(HEADER): include/kpatch.h
	@mkdir -p $(@D)
	@cp $< $@

$(call bin,$(TOOLS)):
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) $^ -o $@ $(LIBS)

# ---- precompiled headers ------------------------------------------------------
# gcc looks for X.gch beside the X that -include names, clang for X.pch. Each $(BUILD) has
# its own, since one serves only the flags that it was made with.
PCH_SUFFIX := $(if $(IS_CLANG),pch,gch)
PCH := $(BUILD)/pch/lib/precompiled.h
TEST_PCH := $(BUILD)/pch/tests/unit/precompiled.h
USED_PCH = $(if $(filter $(BUILD)/obj/tests/unit/%,$@),$(TEST_PCH),$(PCH))

$(PCH).$(PCH_SUFFIX) $(TEST_PCH).$(PCH_SUFFIX): $(BUILD)/pch/%.h.$(PCH_SUFFIX): %.h
	@mkdir -p $(@D)
	@echo '#include "$<"' >$(BUILD)/pch/$*.h
	$(QUIET_PCH)$(CXX) $(ALL_CXXFLAGS) -MMD -MP -MT $@ -MF $@.d -x c++-header $(BUILD)/pch/$*.h -o $@

# The page of kpatch_make --report is part of the program.
$(BUILD)/obj/kpatch_make/report/report_page.o: kpatch_make/report/report.html

$(BUILD)/obj/tests/unit/%.o: tests/unit/%.cc $(TEST_PCH).$(PCH_SUFFIX)
	@mkdir -p $(@D)
	$(QUIET_CXX)$(CXX) $(ALL_CXXFLAGS) -include $(USED_PCH) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.cc $(PCH).$(PCH_SUFFIX)
	@mkdir -p $(@D)
	$(QUIET_CXX)$(CXX) $(ALL_CXXFLAGS) -include $(USED_PCH) -MMD -MP -c $< -o $@

-include $(shell find $(BUILD)/obj $(BUILD)/pch -name '*.d' 2>/dev/null)

# `make V=1` shows the commands.
ifndef V
QUIET_CXX = @echo "  CXX  $<";
QUIET_PCH = @echo "  PCH  $<";
QUIET_LD = @echo "  LINK $@";
QUIET_AR = @echo "  AR   $@";
endif

# ---- unit tests ---------------------------------------------------------------
UNIT_OBJECTS := $(call objects,$(sort $(wildcard tests/unit/*.cc tests/unit/*/*.cc)))

# The fuzzers' targets, which the unit tests replay the corpus through.
FUZZ_OBJECTS := $(call objects,tests/fuzz/targets.cc) $(GENSRC_OBJECTS) $(TOOL_OBJECTS)

$(BUILD)/bin/unit_tests: $(UNIT_OBJECTS) $(CC_OBJECTS) $(CTL_OBJECTS) $(MAKE_OBJECTS) $(FUZZ_OBJECTS) $(LIB)
	@mkdir -p $(@D)
	$(QUIET_LD)$(CXX) $(ALL_CXXFLAGS) $(ALL_LDFLAGS) $^ -o $@ -lgtest -lgtest_main \
	  $(UNWIND_LIBS) $(ELF_LIBS) -lZydis -lZycore -lsodium -lfmt -lpthread

include tests/tests.mk
include packaging/packaging.mk
