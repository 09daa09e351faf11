#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what building and testing libcare needs from the distribution's own
# packages. Does nothing, and needs no rights, when all of it is there.
set -eu

debian="make g++ binutils patch file util-linux procps pkg-config
  libelf-dev libdw-dev libunwind-dev libzydis-dev libzycore-dev libcli11-dev
  libfmt-dev nlohmann-json3-dev libsodium-dev libgtest-dev libbenchmark-dev
  clang libclang-rt-dev clang-format clang-tidy python3-docutils
  python3-pytest python3-pytest-xdist python3-pytest-timeout
  musl-tools cmake meson ninja-build ccache dwz libtool automake build-essential"

fedora="make gcc-c++ binutils patch file util-linux procps-ng pkgconf
  elfutils-libelf-devel elfutils-devel libunwind-devel zydis-devel zycore-c-devel
  cli11-devel fmt-devel json-devel libsodium-devel gtest-devel google-benchmark-devel
  clang compiler-rt clang-tools-extra python3-docutils
  python3-pytest python3-pytest-xdist python3-pytest-timeout
  musl-gcc musl-libc-static cmake meson ninja-build ccache dwz libtool automake dpkg-dev"

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "make deps: to install packages, run as root: $*" >&2
    exit 1
  fi
}

missing=
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $debian; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing="$missing $package"
  done
  [ -n "$missing" ] || exit 0
  echo "make deps: installing$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $missing >/dev/null
elif command -v rpm >/dev/null 2>&1; then
  for package in $fedora; do
    rpm -q --whatprovides "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  [ -n "$missing" ] || exit 0
  echo "make deps: installing$missing"
  # shellcheck disable=SC2086
  as_root dnf install -y -q $missing
else
  echo "make deps: neither apt nor dnf here; what is needed (Debian names):" >&2
  echo "$debian" >&2
  exit 1
fi
