# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Shipped packages, unpacked into a folder: nothing is installed. apt of this machine says
# what a package needs beyond what is installed here; that is fetched too.

# fetch_debs DIR PACKAGE[=VERSION]...: those and what they need and this machine lacks, as
# files in DIR.
fetch_debs() {
  local dir=$1
  shift
  mkdir -p "$dir"
  local needed
  needed=$(apt-get -s -qq --no-install-recommends --allow-downgrades install "$@" 2>"$dir/apt.log" |
    sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p') || { cat "$dir/apt.log" >&2; return 1; }
  # shellcheck disable=SC2086
  (cd "$dir" && printf '%s\n' $needed "$@" | sort -u |
    xargs apt-get -qq -o APT::Sandbox::User=root download >>apt.log 2>&1) ||
    { cat "$dir/apt.log" >&2; return 1; }
}

unpack_debs() { # unpack_debs DIR ROOT: later files of one name win
  local deb
  mkdir -p "$2"
  for deb in "$1"/*.deb; do
    case $deb in *-dbgsym_*) continue ;; esac
    dpkg-deb -x "$deb" "$2" || return 1
  done
}

# fix_file PACKAGE VERSION NAME DIR SKIP: the patch NAME of that source version, as
# DIR/whole/NAME; as DIR/NAME without what it does to files whose path begins with SKIP,
# tests for one, which need not apply to another version.
fix_file() {
  # shellcheck source=apt-source.sh
  . "$real/apt-source.sh"
  local patches name=${3##*/}
  mkdir -p "$4/source" "$4/whole"
  apt_source "$1=$2" "$4/source" || return 1
  patches=$(find "$4/source" -maxdepth 3 -path '*/debian/patches' | head -1)
  cp "$patches/$3" "$4/whole/$name"
  rm -rf "$4/source"
  awk -v skip="a/$5" 'BEGIN { keep = 1 }
    /^diff --git / { keep = skip == "a/" || index($3, skip) != 1 }
    keep' "$4/whole/$name" >"$4/$name"
}
