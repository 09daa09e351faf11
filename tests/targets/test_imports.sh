# SPDX-License-Identifier: GPL-2.0-or-later
#
# Imports are what the dynamic linker says they are: for every name the patched code
# compares its address with dlsym's answer to the same library, and names what differs.

scopes() {
  LD_LIBRARY_PATH=$tree start scopes "$tree/scopes" "$1"
  there_and_back scopes
  ends scopes 0
}

test_imports_local() { scopes local; }
test_imports_deep() { scopes deep; }
test_imports_namespaces() { scopes namespaces; }
test_imports_audited() { LD_AUDIT=$tree/libaudit.so scopes local; }
