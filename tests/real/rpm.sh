# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packages of rpm: upstream's tarball and the fix, as Debian's source package has them,
# packed by a spec in the folder, built as Fedora builds (fedora.macros). Sourced by `one`
# for a fix.conf with `kind=rpm`; its `build` and `unpack_program` take the place of those
# for Debian's packages. What is "shipped" is what a plain rpmbuild makes of the spec
# without the fix, elsewhere and before: its files are what runs, and what is patched.
#
#     spec        the spec's file name
#     peel        patches that the spec lists: the original is the package without them
#     fixes       patches that it does not list
#     from_source a .src.rpm is made first, and given to kpatch_make instead of the spec

need_rpm() {
  command -v rpmbuild >/dev/null && command -v rpm2cpio >/dev/null &&
    command -v find-debuginfo >/dev/null && command -v eu-strip >/dev/null &&
    command -v cpio >/dev/null && command -v dwz >/dev/null && return 0
  [ "$(id -u)" = 0 ] || { echo "install rpm rpm2cpio cpio debugedit elfutils dwz first" >&2; return 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    rpm rpm2cpio cpio debugedit elfutils dwz >/dev/null
}

# The spec with its sources beside it, in $work/package.
make_package() {
  # shellcheck source=apt-source.sh
  . "$real/apt-source.sh"
  local name
  rm -rf "$work/package" "$work/source"
  mkdir -p "$work/package"
  apt_source "$source" "$work/source"
  cp "$here/$spec" "$work"/source/*.orig.tar.* "$work/package"
  for name in "${peel[@]}" "${fixes[@]}"; do
    cp "$(find "$work/source" -path "*/debian/patches/$name" | head -1)" "$work/package"
  done
  rm -rf "$work/source"
}

plain_rpmbuild() { # plain_rpmbuild TOPDIR ARGUMENT...: its own home, nothing of the user's
  local top=$1
  shift
  mkdir -p "$top/tmp" "$top/home"
  HOME=$top/home rpmbuild --nodeps --load "$real/fedora.macros" --define "_topdir $top" \
    --define "_sourcedir $work/package" --define "_tmppath $top/tmp" "$@" >"$top/log" 2>&1 ||
    { tail -20 "$top/log"; return 1; }
}

# The vulnerable package: the spec without the patches that are the fix.
ship() {
  local name
  cp "$work/package/$spec" "$work/package/shipped.spec"
  for name in "${peel[@]}"; do sed -i "/^Patch.*$name/d" "$work/package/shipped.spec"; done
  plain_rpmbuild "$work/shipped" -bb --nocheck "$work/package/shipped.spec"
}

build() {
  [ ! -f "$work/build.status" ] || return 0
  rm -rf "$work/kept" "$work/bundle" "$work/shipped"
  local name package arguments status=0
  need_rpm
  make_package
  ship
  package=$work/package/$spec
  if [ -n "${from_source:-}" ]; then
    plain_rpmbuild "$work/srpm" -bs "$package"
    package=$(echo "$work"/srpm/SRPMS/*.src.rpm)
  fi
  arguments=(-o "$work/bundle" --keep "$work/kept" --json="$work/build.json"
    --report "$work/report.html" --load "$real/fedora.macros" --target "$work/shipped/RPMS"
    --topdir "$work/shipped") # where that was built: paths are in its strings
  for name in "${peel[@]}"; do arguments+=(-p "$name"); done
  for name in "${fixes[@]}"; do arguments+=(-p "$work/package/$name"); done
  echo "kpatch_make rpm ${arguments[*]} ${options[*]} $package"
  "$bin/kpatch_make" rpm "${arguments[@]}" "${options[@]}" "$package" >"$work/build.log" 2>&1 ||
    status=$?
  tail -40 "$work/build.log"
  echo "exit $status"
  case $status in 0 | 6 | 7 | 9 | 13) echo $status >"$work/build.status" ;; *) return 1 ;; esac
}

unpack_program() {
  [ ! -d "$work/root" ] || return 0
  local package
  rm -rf "$work/root.part"
  mkdir "$work/root.part"
  for package in "$work"/shipped/RPMS/*/*.rpm; do
    case $package in *-debuginfo-* | *-debugsource-*) continue ;; esac
    rpm2cpio "$package" | (cd "$work/root.part" && cpio -idm --quiet)
  done
  mv "$work/root.part" "$work/root"
}
