# SPDX-License-Identifier: GPL-2.0-or-later
#
# What processes do meanwhile: threads and signals, stops, forks, execs and ends.

# More rounds than one: what is rare happens in some.
busy() {
  local round
  start "$1" "$tree/$1"
  for round in 1 2 3; do there_and_back "$1"; done
  ask "$1" count ok
  ask "$1" ask before
  ends "$1" 0
}

test_threads_come_and_go() { busy churn; }
test_signals_arrive() { busy signals; }

test_stopped_stays_stopped() {
  start host "$tree/host"
  kill -STOP "${pid[host]}"
  await_state host T
  patch host
  await_state host T
  kill -CONT "${pid[host]}"
  ask host ask after
  kill -STOP "${pid[host]}"
  await_state host T
  unpatch host
  await_state host T
  kill -CONT "${pid[host]}"
  ask host ask before
  ends host 0
}

# The child ends; what happened to it left its parent's patch alone.
only_child_was_undone() {
  say host exit
  answers host parent
  ask host ask after
  pid[host]=${job[host]}
  unpatch host
  ask host ask before
  ends host 0
}

# A child that was forked afterwards is patched, and undone without its parent.
test_fork_inherits() {
  start host "$tree/host"
  patch host
  ask host fork child
  ask host ask after
  descend host
  unpatch host
  ask host ask before
  only_child_was_undone
}

# The only thread of such a child runs on a stack that was not its process's first.
test_fork_by_a_thread() {
  start host "$tree/host"
  ask host thread thread
  patch host
  ask host ask after
  ask host fork child
  ask host ask after
  descend host
  unpatch host
  ask host ask before
  there_and_back host
  only_child_was_undone
}

# A pre-fork server: parent and children each get theirs.
test_children_apart() {
  start host "$tree/host"
  ask host fork child
  descend host
  there_and_back host
  patch host
  say host exit
  answers host parent
  ask host ask before
  pid[host]=${job[host]}
  there_and_back host
  ends host 0
}

# The parent comes to no stop before its child is done: refused in time, unharmed.
test_vfork_waits() {
  start host "$tree/host"
  ask host vfork child
  ctl_does 8 patch --timeout 200 -p "${pid[host]}" "$bundle"
  say host done
  answers host parent
  there_and_back host
  ends host 0
}

# after_a_while COUNT COMMAND...: in the middle of what libcare-ctl does, perhaps.
after_a_while() {
  local i
  for ((i = 0; i < $1; i++)); do :; done
  "${@:2}"
}

# Whenever it ends: applied, or "no process", and nothing else.
test_exits_meanwhile() {
  local i status
  for i in {0..19}; do
    start "host$i" "$tree/host"
    after_a_while $((i * 600)) say "host$i" exit &
    status=0
    timeout 300 "$ctl" patch -p "${pid[host$i]}" "$bundle" >"$work/ctl.log" 2>&1 || status=$?
    case $status in 0 | 4) ;; *) fail "exit code $status" ;; esac
    await_gone "host$i"
  done
}

# Whenever it executes another program: that one runs, patched or not.
test_execs_meanwhile() {
  local i status
  for i in {0..19}; do
    start "host$i" "$tree/host"
    after_a_while $((i * 600)) say "host$i" exec &
    status=0
    timeout 300 "$ctl" patch -p "${pid[host$i]}" "$bundle" >"$work/ctl.log" 2>&1 || status=$?
    case $status in 0 | 4 | 7) ;; *) fail "exit code $status" ;; esac
    answers "host$i" ready
    patch "host$i"
    ask "host$i" ask after
    ends "host$i" 0
  done
}

test_already_traced() {
  start host "$tree/host"
  start tracer "$tree/tracer" "${pid[host]}"
  refused 5 "already traced by process ${pid[tracer]} \(tracer\)" host
  ends tracer 0
  there_and_back host
  ends host 0
}

test_zombie() {
  mkfifo gate
  start host sh -c 'read -r line <gate & echo ready; exec sleep 100'
  descend host
  # Its parent, which would wait for it, is no shell any more.
  until grep -qx sleep "/proc/${job[host]}/comm"; do sleep 0.01; done
  echo go >gate
  await_state host Z
  refused 4 'has exited' host
}

test_kernel_thread() {
  grep -qx kthreadd /proc/2/comm 2>/dev/null || skip "no kernel threads here"
  ctl_does 6 patch -p 2 "$bundle"
  grep -q 'is a kernel thread' ctl.log || fail "not said"
}

# pause() by int $0x80.
test_32_bit() {
  printf '.globl _start\n_start: mov $29, %%eax\nint $0x80\njmp _start\n' >a.s
  as --32 a.s -o a.o && ld -m elf_i386 a.o -o a
  ./a &
  pid[a]=$! job[a]=$!
  # Until it sleeps in its pause().
  until [ "/proc/${pid[a]}/exe" -ef a ] && grep -q '^State:.S' "/proc/${pid[a]}/status"; do
    kill -0 "${pid[a]}" || skip "no 32-bit programs here"
  done 2>/dev/null
  refused 6 '32-bit' a
}
