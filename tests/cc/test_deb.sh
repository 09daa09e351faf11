# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make deb on this machine (--here), with a package that needs nothing but a compiler.
# What needs a clean root or the network is in tests/real/deb-modes.

# A source package greet, whose program greets: greet-1.0/, unpacked, and greet_1.0-3.dsc.
# Its patch `loud` is the last but one of three.
make_package() {
  mkdir -p greet-1.0/debian/source greet-1.0/debian/patches
  cat >greet-1.0/greet.c <<'EOF'
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  return printf("hello %d\n", argc) < 0;
}
EOF
  tar -czf greet_1.0.orig.tar.gz --exclude=debian greet-1.0
  printf '%s\n' 'greet (1.0-3) unstable; urgency=low' '' '  * A package.' '' \
    ' -- Nobody <nobody@example.org>  Thu, 01 Jan 2026 00:00:00 +0000' >greet-1.0/debian/changelog
  printf '%s\n' 'Source: greet' 'Section: misc' 'Priority: optional' \
    'Maintainer: Nobody <nobody@example.org>' 'Standards-Version: 4.6.2' '' 'Package: greet' \
    'Architecture: any' 'Description: greets' ' It greets.' >greet-1.0/debian/control
  echo '3.0 (quilt)' >greet-1.0/debian/source/format
  cat >greet-1.0/debian/rules <<'EOF'
#!/usr/bin/make -f
build build-arch build-indep:
	gcc $(if $(filter noopt,$(DEB_BUILD_OPTIONS)),-O0,-O2) $(if $(filter pkg.greet.whole,$(DEB_BUILD_PROFILES)),-DWHOLE) -g -o greet greet.c
clean:
	rm -rf greet debian/tmp debian/files debian/substvars
binary binary-arch: build
	mkdir -p debian/tmp/usr/bin debian/tmp/DEBIAN
	strip -o debian/tmp/usr/bin/greet greet
	dpkg-gencontrol
	dpkg-deb --root-owner-group -b debian/tmp ..
	$(PAUSE)
binary-indep:
EOF
  chmod +x greet-1.0/debian/rules
  series_patch first '#include <stdio.h>' '#include <stdio.h> // for printf'
  series_patch loud '  return printf("hello %d\n", argc) < 0;' '  return printf("HELLO %d\n", argc) < 0;'
  series_patch last '  (void)argv;' '  (void)argv; // not used'
  dpkg-source -b greet-1.0 >dpkg-source.log 2>&1 || fail "$(cat dpkg-source.log)"
  cat >fix.patch <<'EOF'
--- a/greet.c
+++ b/greet.c
@@ -4,1 +4,1 @@
-  return printf("HELLO %d\n", argc) < 0;
+  return printf("HELLO %d\n", argc - 1) < 0;
EOF
}
# series_patch NAME LINE LINE: one more patch of the package, which changes that line.
series_patch() {
  printf -- '--- a/greet.c\n+++ b/greet.c\n@@ -%s,1 +%s,1 @@\n-%s\n+%s\n' \
    "$(grep -nxF -- "$2" greet-1.0/greet.c | cut -d: -f1)"{,} "$2" "$3" >greet-1.0/debian/patches/$1.patch
  echo $1.patch >>greet-1.0/debian/patches/series
  (cd greet-1.0 && QUILT_PATCHES=debian/patches dpkg-source --before-build . >/dev/null)
}

need_deb() {
  unset KPATCH_GENSRC KPATCH_TOOL
  has dpkg-buildpackage || skip "no dpkg-buildpackage"
  [ "$(dpkg-query -W -f='${db:Status-Status}' build-essential 2>/dev/null)" = installed ] ||
    skip "no build-essential, which every package needs"
  unshare --mount true 2>/dev/null || skip "no mount namespaces"
  own_tmp
  make_package
}
# here CODE ARGUMENT...: kpatch_make deb --here ends so; what it says is in `out`. Neither
# it nor the build leaves anything behind.
here() {
  local code=$1
  shift
  status=0
  "$bin/kpatch_make" deb --here "$@" >out 2>&1 || status=$?
  [ $status = "$code" ] || fail "exit code $status: $*: $(cat out)"
  none_left
}
says() { grep -E -- "$1" out || fail "no '$1' in: $(cat out)"; }

test_deb_tree() {
  need_deb
  unchanged greet-1.0 here 0 -o bundle --json facts.json --keep kept -p fix.patch greet-1.0
  python3 - <<'EOF'
import json
facts = json.load(open("facts.json"))
assert (facts["source"], facts["version"]) == ("greet", "1.0-3"), facts["version"]
(one,) = facts["objects"]
assert one["verdict"] == "patched" and one["changed"] == ["main"], one
assert (one["package"], one["path"], one["bound"]) == ("greet", "/usr/bin/greet", "build-id"), one
assert all(facts["seconds"][part] > 0 for part in ("original", "patched", "verdicts")), facts["seconds"]
assert facts["peak_kb"] > 1000, facts["peak_kb"]
EOF
  ls kept/original/debs/greet_*.deb kept/patched/debs/greet_*.deb
  # A folder of packages as the target, and a package itself.
  for target in kept/original/debs kept/original/debs/greet_1.0-3_amd64.deb; do
    rm -rf again
    here 0 -o again --target $target -p fix.patch greet-1.0
    diff -r bundle again
  done
}
test_deb_dsc() {
  need_deb
  rm -r greet-1.0
  here 0 -o bundle -p fix.patch ./greet_1.0-3.dsc
  # What no code comes of.
  here 7 -o none -p first -p last greet_1.0-3.dsc
  [ ! -e none ]
}
# As if greet were installed: another build's file stands in this system's folder.
test_deb_target_installed() {
  need_deb
  [ "$(id -u)" = 0 ] || skip "not root"
  mkdir games
  (cd greet-1.0 && gcc -O2 -g -Wl,--build-id=0x00112233445566778899 -o greet greet.c &&
    strip -o ../games/greet greet && rm greet)
  status=0
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount --bind games /usr/local/bin && exec "$@"' sh "$bin/kpatch_make" \
    deb --here --target installed -o bundle -p fix.patch greet-1.0 >out 2>&1 || status=$?
  [ $status = 0 ] || fail "$(cat out)"
  [ "$(ls bundle)" = 00112233445566778899.kpatch ]
}
# Both reach debian/rules.
test_deb_profiles_and_options() {
  need_deb
  here 0 -o bundle --keep kept --build-options "noopt nocheck" \
    --profiles nocheck,pkg.greet.whole -p fix.patch greet-1.0
  grep -- '-O0 -DWHOLE' kept/original/build.log
  grep -- '-O0 -DWHOLE' kept/patched/build.log
}
test_deb_two_at_once() {
  need_deb
  "$bin/kpatch_make" deb --here -o one -p fix.patch greet-1.0 >one.out 2>&1 &
  local first=$!
  "$bin/kpatch_make" deb --here -o two -p loud greet_1.0-3.dsc >two.out 2>&1 || fail "$(cat two.out)"
  wait $first || fail "$(cat one.out)"
  none_left
  [ "$(ls one)" != "$(ls two)" ]
}
test_deb_as_ordinary_user() {
  [ "$(id -u)" = 0 ] || skip "not root"
  need_deb
  chmod -R a+rwX . && chmod a+x ..
  local as="setpriv --reuid 65534 --regid 65534 --clear-groups"
  $as test -x "$bin/kpatch_make" || skip "the tools are not readable to everybody"
  status=0
  $as "$bin/kpatch_make" deb -o bundle -p fix.patch greet-1.0 >out 2>&1 || status=$?
  [ $status = 5 ]
  says 'a clean root needs root'
  says 'sudo kpatch_make deb ..., or --here'
  $as unshare --user --mount true || skip "no user namespaces for ordinary users"
  $as "$bin/kpatch_make" deb --here -o bundle -p fix.patch greet-1.0 >out 2>&1 || fail "$(cat out)"
  none_left
}
# Two versions that apt does not have.
test_deb_update_of_files() {
  need_deb
  cp -r greet-1.0 newer
  sed -i 's/HELLO/HOWDY/' newer/greet.c newer/debian/patches/loud.patch
  printf '%s\n' 'greet (1.0-4) unstable; urgency=low' '' '  * Fix.' '' \
    ' -- Nobody <nobody@example.org>  Fri, 02 Jan 2026 00:00:00 +0000' '' |
    cat - greet-1.0/debian/changelog >newer/debian/changelog
  dpkg-source -b newer >dpkg-source.log 2>&1 || fail "$(cat dpkg-source.log)"
  here 0 -o bundle --json facts.json --keep kept --to greet_1.0-4.dsc greet_1.0-3.dsc
  says 'greet 1.0-3, at'
  grep '"version": *"1.0-3"' facts.json
  grep HOWDY kept/patched/greet
  here 0 -o bundle --to ./newer greet-1.0
  sed -i '1s/greet/other/' newer/debian/changelog newer/debian/control
  here 2 -o bundle --to ./newer greet-1.0
  says 'other is no version of greet'
}
# As Debian publishes a fix: a difference of source packages, with another patch, or one
# that was changed, in debian/patches, and a changelog for a newer version.
debdiff() { # debdiff COMMAND...: in the tree of the newer version
  rm -rf a b bundle kept
  dpkg-source -x greet_1.0-3.dsc a >/dev/null 2>&1
  cp -r a b
  (cd b && "$@" && printf '%s\n' 'greet (1.0-3+deb12u1) unstable; urgency=low' '' '  * Fix.' '' \
    ' -- Nobody <nobody@example.org>  Fri, 02 Jan 2026 00:00:00 +0000' '' |
    cat - debian/changelog >../changelog)
  mv changelog b/debian/changelog
  diff -Nru a b >fix.debdiff || true
  here 0 -o bundle --keep kept -p fix.debdiff "$source"
  says 'greet 1.0-3, at'
  grep HOWDY kept/patched/greet
  [ -f kept/patched/debs/greet_1.0-3_*.deb ] || fail "it has another version now"
}
test_deb_debdiff() {
  need_deb
  local source
  for source in greet-1.0 greet_1.0-3.dsc; do
    debdiff sed -i 's/HELLO/HOWDY/' debian/patches/loud.patch
    # shellcheck disable=SC2016
    debdiff sh -c 'sed "s/^-.*printf.*/-  return printf(\"HELLO %d\\\\n\", argc) < 0;/; s/^+\(.*\)HELLO/+\1HOWDY/" \
      debian/patches/loud.patch >debian/patches/more.patch && echo more.patch >>debian/patches/series'
  done
}
test_deb_messages() {
  need_deb
  here 2 -p gone.patch greet-1.0
  says 'gone.patch: neither a file nor a patch of the package'
  says 'its series has first.patch, loud.patch, last.patch'
  here 2 -p fix.patch nowhere/
  says 'nowhere/: no such folder'
  here 2 -p fix.patch gone.dsc
  here 2 -p fix.patch 'greet=1 0'
  here 2 -p fix.patch --target gone.deb greet-1.0
  here 2 -p fix.patch --root root.tar greet-1.0
  sed 's/argc)/argv)/' fix.patch >bad.patch
  here 3 -p bad.patch greet-1.0
  says 'bad.patch does not apply'
  says 'checking file greet.c'
  says 'Hunk #1 FAILED at 4'
  # One that a later one stands on.
  series_patch later '  return printf("HELLO %d\n", argc) < 0;' '  return printf("HELLO! %d\n", argc) < 0;'
  here 3 -p loud greet-1.0
  says 'name it with -p as well: last.patch, later.patch'
  sed -i 's/printf("HELLO/printfff(("HELLO/' greet-1.0/debian/patches/later.patch
  printf '\n#error broken\n' >>greet-1.0/greet.c
  rm -r greet-1.0/debian/patches greet-1.0/.pc
  sed 's/HELLO/HELLO!/' fix.patch >late.patch
  cp -r greet-1.0 needy-1.0
  sed -i '/^Standards-Version/a Build-Depends: no-such-package' needy-1.0/debian/control
  here 14 -o bundle -p late.patch needy-1.0
  says 'Unmet build dependencies: no-such-package'
  says 'hint: --build-deps installs them'
  # The fixed version needs it, the other does not.
  rm -r needy-1.0
  cp -r greet-1.0 needy-1.0
  sed -i '/^#error/d' needy-1.0/greet.c
  sed '/^+++/q' late.patch | sed 's/greet\.c/debian\/control/' >needy.patch
  line=$(grep -n ^Standards-Version needy-1.0/debian/control | cut -d: -f1)
  printf '@@ -%d +%d,2 @@\n %s\n+Build-Depends: no-such-package\n' "$line" "$line" \
    "$(sed -n "${line}p" needy-1.0/debian/control)" >>needy.patch
  here 14 -o bundle -p late.patch -p needy.patch needy-1.0
  says 'the patched build failed'
  says 'hint: --build-deps installs them'
  here 14 -o bundle -p late.patch greet-1.0
  says 'the original build failed'
  says '#error broken'
  [ ! -e bundle ]
}
test_deb_disk_full() {
  [ "$(id -u)" = 0 ] || skip "not root"
  need_deb
  mkdir small
  head -c 300000 /dev/urandom >greet-1.0/debian/ballast
  status=0
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount -t tmpfs -o size=800k tmpfs small && export TMPDIR=$PWD/small &&
    "$@"; code=$?; ls small >left; exit $code' sh "$bin/kpatch_make" deb --here -o bundle \
    -p fix.patch greet-1.0 >out 2>&1 || status=$?
  [ $status != 0 ]
  says 'No space left on device'
  [ ! -e bundle ]
  [ ! -s left ] || fail "left behind: $(cat left)"
}
# Killed while the package is built: its processes, mounts and folders go.
test_deb_sigkill() {
  need_deb
  mkfifo started
  sed -i "s|\\\$(PAUSE)|echo go >$PWD/started; sleep 77.$$|" greet-1.0/debian/rules
  "$bin/kpatch_make" deb --here -o bundle -p fix.patch greet-1.0 >out 2>&1 &
  local pid=$!
  begun started out
  kill -KILL $pid
  wait $pid || true
  for _ in $(seq 100); do
    [ -n "$(ls "$TMPDIR")" ] || break
    sleep 0.1
  done
  none_left
  [ ! -e bundle ]
  if grep "$TMPDIR" /proc/self/mounts; then fail "a mount is left"; fi
  if pgrep -f "sleep 77[.]$$\$"; then fail "the build goes on"; fi
}
