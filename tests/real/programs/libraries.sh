# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The libraries that are replaced by themselves, each built as its debian/rules does, in
# short. The layout proof binds the patch to the file that is shipped, whatever the path
# that it was built at: where it cannot, there is no patch and the test fails.

library_of() { # PROGRAM
  case $1 in
  postgres) echo liblz4 ;;
  *) echo libz ;;
  esac
}

# The file that the program has mapped: the system's, or that of a package below $root.
shipped() { # LIBRARY
  local file
  for file in "$root"/usr/lib/x86_64-linux-gnu/"$1".so.1 /usr/lib/x86_64-linux-gnu/"$1".so.1; do
    [ ! -e "$file" ] || { readlink -f "$file"; return; }
  done
}

build_libz() {
  CFLAGS="$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS) -Wall -D_REENTRANT -O3 -DUNALIGNED_OK" \
    LDFLAGS="$(dpkg-buildflags --get LDFLAGS)" uname=GNU ./configure --shared --prefix=/usr \
    --libdir=/usr/lib/x86_64-linux-gnu &&
    kpatch_make_all make -s -B "$(basename "$(shipped libz)")"
}

build_liblz4() {
  local cpp
  cpp="$(dpkg-buildflags --get CPPFLAGS) -DLZ4F_PUBLISH_STATIC_FUNCTIONS"
  CPPFLAGS=$cpp CFLAGS="$(dpkg-buildflags --get CFLAGS) $cpp" \
    LDFLAGS="$(dpkg-buildflags --get LDFLAGS)" kpatch_make_all make -B -C lib lib V=1
}

kpatch_make_all() { # COMMAND...
  "$bin/kpatch_make" --all --keep "$work/kept.$library" -o "$work/bundle.$library" -- "$@"
}

# Makes $work/LIBRARY.kpatch unless it is there.
patch_of() { # LIBRARY
  local library=$1 source given built
  [ ! -e "$work/$library.kpatch" ] || return 0
  given=${library^^}_PATCH
  if [ -n "${!given:-}" ]; then
    cp "${!given}" "$work/$library.kpatch"
    return
  fi
  case $library in
  libz) source=zlib ;;
  liblz4) source=lz4 ;;
  esac
  apt_source "$source" "$work/source.$library" || return 1
  (cd "$work/source.$library/$source"-*/ && "build_$library") >"$work/make.log" 2>&1 || {
    tail "$work/make.log"
    return 1
  }
  built=$(find "$work/kept.$library/patched" -name "$(basename "$(shipped "$library")")" | head -1)
  "$bin/kpatch_tool" make "$built" --target "$(shipped "$library")" -o "$work/$library.kpatch"
}
