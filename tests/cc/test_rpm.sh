# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make rpm where it needs no rpmbuild: wrong options, and no rpm at all.

# refused CODE TEXT ARGUMENT...: ends so, says so, and leaves no bundle.
refused() {
  local code=$1 text=$2
  shift 2
  status=0
  "$bin/kpatch_make" rpm "$@" 2>err || status=$?
  [ $status = "$code" ] || fail "$*: $status"
  grep -F -- "$text" err || fail "$*: $(cat err)"
  [ ! -e bundle ]
}

test_rpm_usage() {
  touch a.patch tool.spec tool.src.rpm tool-1.x86_64.rpm
  refused 2 "no source package" -p a.patch
  refused 2 "no fix given" tool.spec
  refused 2 "no such file" -p a.patch gone.spec
  refused 2 "give it with --target" -p a.patch tool-1.x86_64.rpm
  refused 2 "NAME VALUE" -p a.patch --define dist tool.spec
  refused 2 "no such file of macros" -p a.patch --load gone.macros tool.spec
  refused 2 "no absolute path" -p a.patch --topdir build tool.spec
  refused 2 "not a folder within" -p a.patch -C /etc tool.spec
  refused 2 "no such package, folder or file" -p a.patch --target gone.rpm tool.spec
  "$bin/kpatch_make" rpm --help | grep -- --topdir
}

test_rpm_missing() {
  touch a.patch tool.spec
  mkdir empty
  status=0
  PATH=$PWD/empty "$bin/kpatch_make" rpm -p a.patch tool.spec 2>err || status=$?
  [ $status = 1 ]
  grep "rpmbuild: not found" err
  grep "apt install rpm" err
}
