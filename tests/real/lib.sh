# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a fix's `run` script needs to show the fix in a live program. The script sources
# this file, says how its program is started and how the fault shows, and calls `live`:
#
#   start      starts the program: calls `service`, waits with `ready`
#   reproduce  prints `vulnerable`, `fixed`, or what else it saw, on its last line
#   load       optional: calls `clients`, which ask the program until they are ended
#   unseen="WHY" no means can tell: `reproduce` is not asked, and the table says so
#   not_again="WHY"  the last question, after the patch is undone, cannot be asked
#   crashes=1  the vulnerable program dies of `reproduce`: a throw-away one is asked first
#
# The driver hands over, as environment: work (a folder of this fix's own), root (the
# program's files, unpacked), bundle, bin (our tools), here (the fix's folder), and real
# (this folder). What comes out: a line for each check, and $work/live.json.
#
# The program gets a memory limit: a fault that is a matter of memory once took the whole
# machine. Nothing here waits by time: all waiting is for a state of the process, bounded
# by the number of looks.
set -uo pipefail
# shellcheck source=flow.sh
. "$real/flow.sh"

: "${memory_limit_kb:=4000000}"
pid=0 load_pid=0 failed=0 stop_us=0 undo_us=0

say() { printf '%s\n' "$*"; }
check() { # check TEXT COMMAND...: one line of the result
  local text=$1
  shift
  if "$@"; then say "ok   $text"; else
    failed=$((failed + 1))
    say "FAIL $text"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# poll COMMAND...: until it succeeds; gives up after a hundred looks, or when the program ends.
poll() {
  local looks
  for ((looks = 0; looks < 300; looks++)); do
    "$@" >/dev/null 2>&1 && return 0
    [ "$pid" = 0 ] || alive || return 1
    sleep 0.1
  done
  return 1
}

libraries=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu

# service COMMAND...: starts the program in the background, its output in service.log.
service() {
  (
    ulimit -v "$memory_limit_kb"
    ulimit -c 0
    LD_LIBRARY_PATH=$libraries exec "$@"
  ) </dev/null >>"$work/service.log" 2>&1 &
  pid=$!
}
ready() { # ready COMMAND...: the program answers
  poll "$@" && return 0
  say "the program did not get ready:"
  tail -5 "$work/service.log"
  exit 1
}

# The program's processes: the one started, and all that came of it.
family() { # family PID
  local child
  echo "$1"
  for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do family "$child"; done
}
alive() { # a process that has ended stays a zombie until it is waited for
  local state
  state=$(sed 's/.*) //; s/ .*//' "/proc/$pid/stat" 2>/dev/null) && [ "$state" != Z ]
}
# ended: it ends now, or has. What a signal does to a large process takes its time.
ended() { for _ in $(seq 20); do alive || return 0; sleep 0.1; done; return 1; }
end_service() {
  local member
  [ "$pid" != 0 ] || return 0
  for member in $(family "$pid"); do kill -KILL "$member" 2>/dev/null; done
  wait "$pid" 2>/dev/null
  pid=0
}

# clients KIND ARGUMENT...: ask the program until ended; see clients.py for the kinds.
clients() {
  rm -f "$work/load.count"
  python3 "$real/clients.py" "$work/load.count" "$@" >>"$work/clients.log" 2>&1 &
  load_pid=$!
}
count() { # count answers|failures
  local answers=0 failures=0
  read -r answers failures 2>/dev/null <"$work/load.count"
  [ "$1" = answers ] && echo "$answers" || echo "$failures"
}
at_least() { [ "$(count answers)" -ge "$1" ]; }
served() { # served N: that many more requests were answered
  [ "$load_pid" != 0 ] || return 0
  poll at_least $(($(count answers) + $1))
}
end_load() {
  [ "$load_pid" != 0 ] || return 0
  kill -TERM "$load_pid" 2>/dev/null
  wait "$load_pid" 2>/dev/null
  load_pid=0
}
clean_up() {
  end_load
  end_service
  ! declare -F stop_helpers >/dev/null || stop_helpers
}
trap clean_up EXIT
