# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A thousand idle processes of one program, patched, listed and unpatched by one command
# each, in a PID namespace of their own.
idle_processes() { # COUNT
  local pids=() begin
  mkfifo "$work/in.idle"
  exec {to}<>"$work/in.idle"
  for ((i = 0; i < $1; i++)); do
    "$work/src/threads" 1 <"$work/in.idle" >"$work/out.idle" &
    pids+=($!)
  done
  # All have said that they are ready: each truncates the same file, so ask /proc.
  for pid in "${pids[@]}"; do
    until grep -q pipe_read "/proc/$pid/wchan" 2>/dev/null || [ "$(cut -d' ' -f3 "/proc/$pid/stat")" = S ]; do
      :
    done
  done
  for command in "patch -p all $work/bundle1" "info -p all $work/bundle1" "unpatch -p all"; do
    begin=$(date +%s%N)
    # shellcheck disable=SC2086
    "$bin/libcare-ctl" $command >"$work/ctl.log" || { tail -n 5 "$work/ctl.log"; return 1; }
    printf '%-8s %s processes: %s us each\n' "${command%% *}" "$1" "$((($(date +%s%N) - begin) / 1000 / $1))"
  done
  exec {to}>&-
  kill "${pids[@]}"
  wait
}
export -f idle_processes
echo
work=$work bin=$bin unshare --pid --fork --mount-proc bash -c 'idle_processes "${PROCESSES:-1000}"' ||
  echo "the processes could not be measured: it takes root"
