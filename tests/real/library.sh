# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For fixes in libraries: the program is a host of ours (host.h) that uses the library as
# the package has it, in as many threads as there are clients. Sourced by their `run`:
#
#     host_of SOURCE FLAG...   what to compile and link with: host_of host.c -lexpat
#     live
#
# Headers and link names come from the package's own -dev files in the root.
# shellcheck source=lib.sh
. "$real/lib.sh"

port=$(free_port)
host_of() {
  local compiler=gcc directory=/usr/lib/x86_64-linux-gnu
  case $1 in *.cc) compiler=g++ ;; esac
  "$compiler" -O2 -g -w -I"$real" -I"$root/usr/include" -I"$root$(dirname $directory)/include" \
    -I"$root/usr/include/x86_64-linux-gnu" "$here/$1" -o "$work/host" \
    -L"$root$directory" -L"$root${directory#/usr}" -Wl,--allow-shlib-undefined "${@:2}" -lpthread ||
    { say "the host does not compile"; exit 1; }
}
ask() { # ask work|fault: the host's answer
  python3 -c 'import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60) as s:
    s.sendall(sys.argv[2].encode() + b"\n")
    print(s.makefile().readline().strip())' "$port" "$1"
}
works() { [ "$(ask work)" = ok ]; }
start() {
  service "$work/host" "$port"
  ready works
}
reproduce() { ask fault; }
load() { clients lines "$port" work ok; }
