# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make deb on this machine (--here), with a package that needs nothing but a compiler.

# An unpacked source package greet, whose program says hello.
make_package() {
  mkdir -p greet-1.0/debian/source
  cat >greet-1.0/greet.c <<'EOF'
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  return printf("hello %d\n", argc) < 0;
}
EOF
  printf '%s\n' 'greet (1.0-3) unstable; urgency=low' '' '  * A package.' '' \
    ' -- Nobody <nobody@example.org>  Thu, 01 Jan 2026 00:00:00 +0000' >greet-1.0/debian/changelog
  printf '%s\n' 'Source: greet' 'Section: misc' 'Priority: optional' \
    'Maintainer: Nobody <nobody@example.org>' 'Standards-Version: 4.6.2' '' 'Package: greet' \
    'Architecture: any' 'Description: greets' ' It greets.' >greet-1.0/debian/control
  echo '3.0 (native)' >greet-1.0/debian/source/format
  cat >greet-1.0/debian/rules <<'EOF'
#!/usr/bin/make -f
build build-arch build-indep:
	gcc -O2 -g -o greet greet.c
clean:
	rm -rf greet debian/tmp debian/files debian/substvars
binary binary-arch: build
	mkdir -p debian/tmp/usr/bin debian/tmp/DEBIAN
	strip -o debian/tmp/usr/bin/greet greet
	dpkg-gencontrol
	dpkg-deb --root-owner-group -b debian/tmp ..
binary-indep:
EOF
  chmod +x greet-1.0/debian/rules
  cat >fix.patch <<'EOF'
--- a/greet.c
+++ b/greet.c
@@ -4,1 +4,1 @@
-  return printf("hello %d\n", argc) < 0;
+  return printf("hello %d\n", argc - 1) < 0;
EOF
}

test_deb_here() {
  unset KPATCH_GENSRC KPATCH_TOOL
  has dpkg-buildpackage || skip "no dpkg-buildpackage"
  unshare --mount true 2>/dev/null || skip "no mount namespaces"
  make_package
  "$bin/kpatch_make" deb --here -o bundle --json facts.json --keep kept -p fix.patch greet-1.0 \
    >out 2>&1 || fail "$(cat out)"
  python3 - <<'EOF'
import json
facts = json.load(open("facts.json"))
assert (facts["source"], facts["version"]) == ("greet", "1.0-3"), facts["version"]
(one,) = facts["objects"]
assert one["verdict"] == "patched" and one["changed"] == ["main"], one
assert (one["package"], one["path"], one["bound"]) == ("greet", "/usr/bin/greet", "build-id"), one
EOF
  ls kept/original/debs/greet_*.deb kept/patched/debs/greet_*.deb
}

# Packages of Architecture: all are left out when asked; here they cannot be built at all.
test_deb_arch_only() {
  unset KPATCH_GENSRC KPATCH_TOOL
  has dpkg-buildpackage || skip "no dpkg-buildpackage"
  unshare --mount true 2>/dev/null || skip "no mount namespaces"
  make_package
  sed -i 's/^binary binary-arch: build$/binary: binary-arch binary-indep\nbinary-arch: build-arch/
    s/^binary-indep:$/binary-indep:\n\tfalse/' greet-1.0/debian/rules
  "$bin/kpatch_make" deb --here --arch-only -o bundle -p fix.patch greet-1.0 >out 2>&1 || fail "$(cat out)"
}
