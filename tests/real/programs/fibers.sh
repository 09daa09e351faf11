# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Stacks that the shipped boost.context made, in a small program: suspended in the function
# that the fix changes they are in the way, all of them, and left they are not.

fibers_program() { # its source, its libraries, its patch
  fetch_package libboost1.74-dev libboost-context1.74-dev libboost-context1.74.0 || return 77
  cp -r "$here/fibers" "$work/fibers"
  printf 'prog: main.cc\n\tg++ -O2 -g -I%s -o $@ main.cc -L%s -lboost_context\n' \
    "$root/usr/include" "$LD_LIBRARY_PATH" >"$work/fibers/Makefile"
  make -s -C "$work/fibers" && "$bin/kpatch_make" -o "$work/bundle.fibers" \
    -p "$here/fibers/fix.patch" -C "$work/fibers" -- make -s -B
}

tell() { # tell COMMAND ANSWER
  local line
  echo "$1" >&7
  read -r -t 60 line <&8 && [ "$line" = "$2" ] || { said="$1: ${line:-no answer}, not $2"; return 1; }
}
doctor() { # doctor STATUS COMMAND...
  local status=0 expected=$1
  shift
  timeout 60 "$bin/libcare-ctl" -v "$@" -p "${pids[0]}" --timeout 0.1 >"$work/doctor.log" 2>&1 || status=$?
  [ "$status" = "$expected" ] || { said="$1 ends with $status, not $expected"; return 1; }
}

fibers_rounds() {
  local put=(patch "$work/bundle.fibers") round
  for round in 1 2 3; do
    tell enter 1 && tell enter 2 && doctor 8 "${put[@]}" &&
      grep -q 'a suspended stack at .* returns into .*work' "$work/doctor.log" &&
      tell leave "1 before" && doctor 8 "${put[@]}" && tell leave "0 before" &&
      doctor 0 "${put[@]}" &&
      tell enter 1 && doctor 8 unpatch && tell leave "0 after" && doctor 0 unpatch || return 1
  done
}

fibers() {
  local said= status=0
  fibers_program >"$work/make.log" 2>&1 || status=$?
  [ "$status" != 77 ] || { echo "skip fibers: its packages cannot be had here"; return; }
  mkfifo "$work/to" "$work/from"
  "$work/fibers/prog" <"$work/to" >"$work/from" &
  pids=($!)
  exec 7>"$work/to" 8<"$work/from"
  if [ "$status" = 0 ] && fibers_rounds; then
    passed=$((passed + 1))
    echo "ok   fibers: boost.context's, 3 rounds"
  else
    failed=$((failed + 1))
    echo "FAIL fibers: ${said:-status $status}"
    tail -n 8 "$work/make.log" "$work/doctor.log"
  fi
  exec 7>&- 8<&-
  wait "${pids[0]}"
  rm -f "$work/to" "$work/from"
}
