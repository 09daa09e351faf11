# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Stop times of patch, replace (by a newer level) and unpatch beside the bare cost of
# stopping and releasing the same threads by ptrace: medians of 15.
stop_of() { # the figure in "stopped for N us"
  sed -n 's/.*stopped for \([0-9]*\) us.*/\1/p' | head -1
}

printf '\n%8s %9s %18s %18s %18s\n' threads "bare us" "patch us (ratio)" "replace" "unpatch"
for threads in ${THREADS:-1 10 100 1000}; do
  mkfifo "$work/in.$threads" "$work/out.$threads"
  "$work/src/threads" "$threads" <"$work/in.$threads" >"$work/out.$threads" &
  target=$!
  exec {to}>"$work/in.$threads" {from}<"$work/out.$threads"
  read -r -t 20 _ <&"$from"
  : >"$work/bare" >"$work/patch" >"$work/replace" >"$work/unpatch"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    "$bin/ptrace_stop" "$target" >>"$work/bare"
    "$bin/libcare-ctl" patch -p "$target" "$work/bundle1" | stop_of >>"$work/patch"
    "$bin/libcare-ctl" patch -p "$target" "$work/bundle2" | stop_of >>"$work/replace"
    "$bin/libcare-ctl" unpatch -p "$target" | stop_of >>"$work/unpatch"
  done
  bare=$(median <"$work/bare")
  printf '%8s %9s' "$threads" "$bare"
  for what in patch replace unpatch; do
    stop=$(median <"$work/$what")
    printf ' %11s (%s)' "$stop" "$(ratio "$stop" "$bare")"
  done
  echo
  exec {to}>&- {from}<&-
  wait "$target"
  target=
done
