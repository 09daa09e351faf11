# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch.h: shadow variables under ThreadSanitizer, and the installed header.

test_shadow_threads() {
  echo 'int main(void) { return 0; }' >probe.c
  gcc -fsanitize=thread probe.c -o probe 2>/dev/null && ./probe || skip "no ThreadSanitizer"
  gcc -O1 -g -fsanitize=thread -I"$here/../../include" "$here/shadow_threads.c" -o prog -pthread
  timeout 900 ./prog >out 2>&1 || fail "$(head -30 out)"
  ! grep "WARNING: ThreadSanitizer" out
  grep done out
}

test_installed_header() {
  [ -x "$bin/kpatch_gensrc" ] && [ -x "$bin/kpatch_tool" ] || skip "not built"
  has rst2man || has rst2man.py || skip "no rst2man"
  real_tools
  env -u MAKEFLAGS PATH="$plain_path" make -s -C "$here/../.." BUILD="${bin%/bin}" install \
    DESTDIR="$PWD/dest" PREFIX=/usr >install.log 2>&1 || fail "$(tail -5 install.log)"
  [ -s dest/usr/share/man/man7/kpatch.h.7 ] && [ -s dest/usr/share/man/man1/kpatch_make.1 ]
  mkdir p
  echo 'int quota = 1; int main(void) { return quota; }' >p/prog.c
  printf 'prog: prog.c\n\t$(CC) -O2 prog.c -o prog -Wl,--build-id\n' >p/Makefile
  cp -r p fixed
  cat >fixed/prog.c <<'EOF'
#include <kpatch.h>
int quota = 1; int main(void) { return quota + 1; }
static void twice(void) { quota *= 2; }
KPATCH_POST_APPLY(twice);
EOF
  diff -u p/prog.c fixed/prog.c >fix.patch || true
  dest/usr/bin/kpatch_make -p fix.patch -C p -o bundle -- make >out 2>&1 || fail "$(cat out)"
  dest/usr/bin/kpatch_tool show bundle/*.kpatch >show
  grep "post-apply hook  *twice" show
}
