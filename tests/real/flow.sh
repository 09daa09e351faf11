# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The order of things in every live test: vulnerable, patched under load, fixed, undone
# under load, vulnerable again; the same processes throughout, no request failed. `live`
# is the whole of it. Sourced by lib.sh, which has the parts.

# patch_command patch|unpatch ARGUMENT...: on all processes of the program. Sets `us`, the
# longest time that one of them stood still.
patch_command() {
  local command=$1 pids status
  shift
  pids=$(family "$pid" | paste -sd,)
  # The limit is for a doctor that hangs; code in use is waited for by the doctor itself.
  timeout 300 "$bin/libcare-ctl" "$command" -p "$pids" --timeout 60 --stats --json "$@" \
    >"$work/$command.json" 2>"$work/$command.log"
  status=$?
  cat "$work/$command.log"
  us=$(python3 -c 'import json, sys
print(round(max([r.get("longest_stop_us", r.get("stopped_us", 0)) for r in json.load(open(sys.argv[1]))] or [0])))' \
    "$work/$command.json" 2>/dev/null || echo 0)
  [ $status = 0 ] || cat "$work/$command.json"
  return $status
}
patch_program() { patch_command patch "$bundle" && stop_us=$us; }
unpatch_program() { patch_command unpatch && undo_us=$us; }

shows() { # shows STATE: what `reproduce` says on its last line
  local seen
  seen=$(reproduce 2>>"$work/reproduce.log" | tail -1)
  [ "$seen" = "$1" ] || { say "     seen: $seen"; return 1; }
}
# ask_fault TEXT STATE: a check, unless no means can tell; the table says so then.
ask_fault() {
  if [ "$fault" = unseen ]; then say "     $1: not shown, the fault cannot be seen"; else
    check "$1: $2" shows "$2"
  fi
}
none_failed() {
  local failures
  failures=$(count failures)
  [ "$failures" = 0 ] || { tail -3 "$work/clients.log"; return 1; }
}
same_processes() { [ "$(family "$pid" | paste -sd,)" = "$processes" ]; }

write_result() {
  cat >"$work/live.json" <<END
{"stop_us": $stop_us, "undo_us": $undo_us, "processes": $(wc -w <<<"${processes//,/ }"),
 "requests": $requests, "failures": $failures, "failed_checks": $failed,
 "fault": "$fault"}
END
}

live() {
  local processes requests=0 failures=0 us=0 fault=${unseen:+unseen}
  : "${fault:=${not_again:+not again}}"
  : "${fault:=shown}"
  if [ -n "${crashes:-}" ]; then
    start
    ask_fault before vulnerable
    end_service
  fi
  start
  [ -n "${crashes:-}" ] || ask_fault before vulnerable
  processes=$(family "$pid" | paste -sd,)
  if declare -F load >/dev/null; then
    load
    check "the clients are served" served 100
  fi
  check "patch" patch_program
  check "patched: the clients are served" served 100
  ask_fault patched fixed
  ! declare -F while_patched >/dev/null || while_patched
  check "patched: the same processes" same_processes
  check "unpatch" unpatch_program
  check "unpatched: the clients are served" served 100
  check "unpatched: the same processes" same_processes
  requests=$(count answers) failures=$(count failures)
  check "no request failed" none_failed
  end_load
  if [ -n "${not_again:-}" ]; then say "     not asked again: $not_again"; else
    ask_fault "unpatched, again" vulnerable
  fi
  [ -n "${crashes:-}" ] || check "unpatched: it serves on" alive
  write_result
  [ $failed = 0 ]
}
