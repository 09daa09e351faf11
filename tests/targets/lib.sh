# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of targets share. A test starts one or more targets by name, asks
# them, patches them, and sees that they are what they were. It works in a folder of
# its own, $work; what was built lies in $tree, the bundle in $bundle.

bin=$(cd "${BUILD:-$here/../../build}/bin" && pwd)
ctl=$bin/libcare-ctl
# Of each target: its process, what this shell waits for, and the ends of its pipes.
declare -A pid job to from
# How long an answer may take on a busy machine.
patience=60

# What the kernel knows of them: for who reads a failure in a log, and nothing else is left.
show_targets() {
  local name thread
  for name in $(printf '%s\n' "${!pid[@]}" | head -n 10); do
    for thread in $(ls "/proc/${pid[$name]}/task" | head -n 10); do
      echo "$name, thread $thread: $(grep -E '^(State|TracerPid|SigPnd)' "/proc/$thread/status" |
        tr '\n\t' '  ')system call: $(cut -d ' ' -f 1-4 "/proc/${pid[$name]}/task/$thread/syscall")"
    done
  done 2>/dev/null
  echo "load of the machine: $(cut -d ' ' -f 1-4 /proc/loadavg)"
}

fail() {
  trap - ERR
  set +e
  echo "FAILED: $*"
  local log
  show_targets
  for log in "$work"/*.err "$work"/*.log; do
    [ ! -s "$log" ] || { echo "--- ${log##*/}"; tail -n 10 "$log"; }
  done
  exit 1
}

skip() {
  echo "$*"
  exit 77
}

build_all() {
  tree=$base/tree bundle=$base/bundle
  mkdir "$tree"
  cp "$here"/*.[ch] "$here/build.mk" "$here/imports.map" "$tree"
  local musl=
  command -v musl-gcc >/dev/null && musl="musl musl_static"
  # The kernel's headers, which musl does not bring.
  local musl_cc="gcc -specs=/usr/lib/x86_64-linux-musl/musl-gcc.specs -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu"
  local make="make -s -B -f build.mk"
  (cd "$tree" && MUSL=$musl MUSL_CC="$musl_cc" $make) || return 1
  (cd "$tree" && MUSL=$musl MUSL_CC="$musl_cc" "$bin/kpatch_make" -o "$bundle" \
    -p "$here/fix.patch" -C "$tree" -- $make) || return 1
  local program
  for program in "$here"/[a-z]*.c; do
    program=$(basename "$program" .c)
    case $program in
    fix | confine | host | blocked* | imports* | scopes | audit) continue ;;
    esac
    compile "$program" "$program.c" || return 1
  done
  build_scopes || return 1
  compile host host.c && compile blocked blocked.c blocked_plain.c blocked_timed.c
}

# What libimports.so is opened by, and the company that it finds.
build_scopes() (
  set -e
  cd "$tree"
  gcc -O2 -g -fPIC -shared imports_first.c -o libfirst.so
  gcc -O2 -g -fPIC -shared imports_global.c -o libglobal.so
  gcc -O2 -g -fPIC -shared audit.c -o libaudit.so
  gcc -D_GNU_SOURCE -O2 -g -fno-pie -no-pie -rdynamic scopes.c -o scopes -Wl,-rpath,"$tree"
)

# compile NAME SOURCE [OPTION...]: a program that uses the library.
compile() {
  local name=$1 source=$2
  shift 2
  (cd "$tree" && gcc -D_GNU_SOURCE -O2 -g -Wall -Werror "$@" "$source" confine.c -o "$name" -L. -lfix \
    -Wl,-rpath,"$tree" -pthread)
}

# start NAME COMMAND...: with its input and output at our hands; it says "ready".
start() {
  local name=$1 reader writer
  shift
  mkfifo "$work/$name.in" "$work/$name.out"
  "$@" <"$work/$name.in" >"$work/$name.out" 2>"$work/$name.err" &
  pid[$name]=$! job[$name]=$!
  exec {writer}>"$work/$name.in" {reader}<"$work/$name.out"
  to[$name]=$writer from[$name]=$reader
  answers "$name" ready
}

# The target is the only child of what was started.
descend() {
  local child
  read -r child _ < <(cat "/proc/${job[$1]}/task/"*/children; echo)
  [ -n "$child" ] || fail "$1 has no child"
  pid[$1]=$child
}

# answers NAME TEXT: the next line that it says.
answers() {
  local line
  read -r -t "$patience" line <&"${from[$1]}" || fail "$1 says nothing (expected '$2'; $(state "$1"))"
  [ "$line" = "$2" ] || fail "$1 says '$line' instead of '$2'"
}

say() { echo "$2" >&"${to[$1]}"; }

ask() {
  say "$1" "$2"
  answers "$1" "$3"
}

# ends NAME STATUS: it is told to end, and does with this status. (The end of its input
# would not tell it: every target that was started later holds the same pipe.)
ends() {
  local status=0
  say "$1" exit
  await_gone "$1"
  wait "${job[$1]}" || status=$?
  unset "pid[$1]"
  [ $status = "$2" ] || fail "$1 ends with $status instead of $2"
}

await_gone() {
  local deadline=$((SECONDS + patience))
  while [ -e "/proc/${pid[$1]}" ] && ! grep -q '^State:.Z' "/proc/${pid[$1]}/status"; do
    [ $SECONDS -lt $deadline ] || fail "$1 does not end: $(state "$1")"
    sleep 0.01
  done 2>/dev/null
}

state() { grep -E '^(State|TracerPid)' "/proc/${pid[$1]}/status" 2>/dev/null | tr '\n' ' ' || true; }

# The letter of /proc/PID/status: is STATE reached by all threads, now or soon?
await_state() {
  local others deadline=$((SECONDS + patience))
  while :; do
    # A thread that ends meanwhile has no such file any more: look again.
    if others=$(awk -v state="$2" '/^State/ && $2 != state' "/proc/${pid[$1]}/task/"*/status 2>&1); then
      [ -n "$others" ] || return 0
    fi
    [ $SECONDS -lt $deadline ] || fail "$1 does not come to state $2: $(state "$1")"
    sleep 0.01
  done
}

pids() {
  local IFS=,
  local list=()
  for name; do list+=("${pid[$name]}"); done
  echo "${list[*]}"
}

# ctl_does STATUS ARGUMENT...: libcare-ctl, and its exit code.
ctl_does() {
  local status=0 expected=$1
  shift
  timeout 300 "$ctl" "$@" >"$work/ctl.log" 2>&1 || status=$?
  [ $status = "$expected" ] || fail "exit code $status instead of $expected: libcare-ctl $*"
}

patch() { ctl_does 0 patch --timeout 60 -p "$(pids "$@")" "$bundle"; }
unpatch() { ctl_does 0 unpatch --timeout 60 -p "$(pids "$@")"; }

# refused STATUS TEXT NAME: nothing changes, and the message says TEXT.
refused() {
  local before
  before=$(code_maps "$3")
  ctl_does "$1" patch -p "${pid[$3]}" "$bundle"
  grep -qE -- "$2" "$work/ctl.log" || fail "no '$2' in the message"
  [ "$before" = "$(code_maps "$3")" ] || fail "mappings were left behind"
}

code_maps() { grep -E '^[^ ]+ ..x|libcare' "/proc/${pid[$1]}/maps" || true; }

# there_and_back NAME...: the usual course.
there_and_back() {
  local name before
  for name; do ask "$name" ask before; done
  before=$(code_maps "$1")
  patch "$@"
  for name; do ask "$name" ask after; done
  ! grep -hE '^[0-9a-f-]+ .wx' "/proc/${pid[$1]}/maps" || fail "writable and executable"
  unpatch "$@"
  for name; do ask "$name" ask before; done
  [ "$before" = "$(code_maps "$1")" ] || fail "mappings were left behind"
}

# What a test left running ends with it.
end_all() {
  local name
  for name in "${!pid[@]}"; do
    disown "${job[$name]}" 2>/dev/null || true
    kill -KILL "${pid[$name]}" "${job[$name]}" 2>/dev/null || true
  done
}
