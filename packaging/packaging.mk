# SPDX-License-Identifier: GPL-2.0-or-later
# Dependencies, installation, formatting, linting.

.PHONY: deps
deps:
	@packaging/deps.sh

# ---- installation -------------------------------------------------------------
# The links are what a build finds in front of PATH in place of its compiler.
# Debian's docutils and others' name the same program differently.
RST2MAN = $(or $(shell command -v rst2man || command -v rst2man.py),rst2man)
MANUALS := $(filter-out docs/man/kpatch.h.rst,$(sort $(wildcard docs/man/*.rst)))
MAN_PAGES := $(patsubst docs/man/%.rst,$(BUILD)/man/%.1,$(MANUALS))
HEADER_MAN_PAGE := $(BUILD)/man/kpatch.h.7

.PHONY: man
man: $(MAN_PAGES) $(HEADER_MAN_PAGE)

$(MAN_PAGES): $(BUILD)/man/%.1: docs/man/%.rst
$(HEADER_MAN_PAGE): docs/man/kpatch.h.rst
$(MAN_PAGES) $(HEADER_MAN_PAGE):
	@mkdir -p $(@D)
	$(if $(V),,@echo "  MAN  $<";)$(RST2MAN) --strict $< $@

.PHONY: install
install: all man
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/doc/libcare $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/$(HEADER_FOLDER)
	install -m 644 include/kpatch.h $(DESTDIR)$(PREFIX)/include
	ln -sf ../../../include/kpatch.h $(DESTDIR)$(PREFIX)/$(HEADER_FOLDER)/kpatch.h
	install -m 755 $(call bin,$(TOOLS)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(MAN_PAGES) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(HEADER_MAN_PAGE) $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 644 README.rst LICENSE $(wildcard docs/*.rst) $(DESTDIR)$(PREFIX)/share/doc/libcare
	install -m 644 packaging/completions/libcare.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/libcare-ctl
	for tool in $(filter-out libcare-ctl,$(TOOLS)); do \
	  ln -sf libcare-ctl $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool; done

.PHONY: uninstall
uninstall:
	for tool in $(TOOLS); do \
	  rm -f $(DESTDIR)$(PREFIX)/bin/$$tool $(DESTDIR)$(PREFIX)/share/man/man1/$$tool.1 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool; done
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/libcare $(DESTDIR)$(PREFIX)/share/libcare \
	  $(DESTDIR)$(PREFIX)/include/kpatch.h $(DESTDIR)$(PREFIX)/share/man/man7/kpatch.h.7

# ---- form and lint ------------------------------------------------------------
# Sources that only tests compile keep the form their test needs.
CXX_FILES = $(shell git ls-files '*.cc' '*.h' ':!tests/gensrc' ':!tests/cases' ':!tests/real' ':!tests/identity' ':!tests/cc')

.PHONY: format
format:
	@clang-format -i $(CXX_FILES)

.PHONY: lint lint-format lint-includes lint-output lint-tidy
lint: lint-format lint-includes lint-output lint-tidy

lint-format:
	@clang-format --dry-run -Werror $(CXX_FILES)

# The layers of lib/ in the order of docs: a module includes only those before it.
lint-includes:
	@packaging/check-includes.sh

# All output goes through lib/base/print.h.
lint-output:
	@! grep -rnE 'fmt::print\(|std::(cout|cerr)|\b(std::)?(printf|puts|fputs|fwrite|putchar)\(' \
	  $(TOOLS) lib --include='*.cc' --include='*.h' | grep -v '^lib/base/print\.'

lint-tidy:
	git ls-files '*.cc' | grep -v '^tests/' | \
	  xargs -P $(JOBS) -n 4 clang-tidy --quiet -- -std=c++20 -I.

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@sed -n 's/^#   make /make /p' Makefile tests/tests.mk packaging/packaging.mk
	@echo "variables: CXX CXXFLAGS LDFLAGS BUILD PREFIX DESTDIR JOBS V=1"
