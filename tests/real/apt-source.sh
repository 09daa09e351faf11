# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# apt_source PACKAGE DIR: unpacks Debian's current source package below DIR with
# its patches applied, from the mirrors that this machine is set up for, without
# changing the machine's own lists.

apt_source() {
  local package=$1 dir=$2 apt
  if ! command -v dpkg-source >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || { echo "install dpkg-dev first" >&2; return 1; }
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dpkg-dev >/dev/null
  fi
  mkdir -p "$dir/apt/lists/partial" "$dir/apt/parts"
  if [ -f /etc/apt/sources.list ]; then
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$dir/apt/parts/src.list"
  fi
  for f in /etc/apt/sources.list.d/*.list; do
    [ ! -f "$f" ] || sed -n 's/^deb /deb-src /p' "$f" >"$dir/apt/parts/src-${f##*/}"
  done
  for f in /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$f" ] || sed 's/^Types: *deb$/Types: deb-src/' "$f" >"$dir/apt/parts/${f##*/}"
  done
  apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$dir/apt/parts"
    -o "Dir::State::Lists=$dir/apt/lists" -o APT::Sandbox::User=root)
  "${apt[@]}" update || true # a third-party list without sources is no reason to stop
  (cd "$dir" && "${apt[@]}" source "$package" >"$dir/apt/source.log" 2>&1) || {
    cat "$dir/apt/source.log" >&2
    return 1
  }
}
