# SPDX-License-Identifier: GPL-2.0-or-later
#
# What systemd and containers put around a service.

confined() {
  start host "$tree/host" "$@"
  there_and_back host
  ends host 0
}

test_no_new_privileges() { confined no_new_privs; }
test_not_dumpable() { confined not_dumpable; }
test_deny_write_execute_by_filter() { confined deny_write_execute; }
test_system_call_filter() { confined filter; }

test_deny_write_execute_by_prctl() {
  "$tree/host" mdwe </dev/null >/dev/null 2>&1 || skip "no PR_SET_MDWE in this kernel"
  confined mdwe
}

test_all_of_them() { confined not_dumpable deny_write_execute filter; }

# Nothing but read, write, exit and sigreturn, or SIGKILL. _exit is none of them.
test_strict_mode() {
  start host "$tree/host" strict
  there_and_back host
  ends host 137
}

# A root of its own, with copies of its files.
test_chroot() {
  local file
  mkdir root
  for file in "$tree/host" "$tree/libfix.so" $(ldd "$tree/host" | grep -o '/[^ ]*'); do
    mkdir -p "root$(dirname "$file")"
    cp "$file" "root$file"
  done
  start host chroot root "$tree/host"
  there_and_back host
  ends host 0
}

namespaces() {
  unshare "$@" true 2>/dev/null || skip "no such namespaces here: $*"
  start host unshare "$@" --fork --kill-child "$tree/host"
  descend host
  there_and_back host
  ends host 0
}

test_mount_and_pid_namespace() { namespaces --mount --pid --mount-proc; }
test_user_namespace() { namespaces --user --map-root-user --pid --mount --net --ipc --uts; }

# The files are under another path there, and something else is under theirs here.
test_other_mounts() {
  unshare --mount true 2>/dev/null || skip "no mount namespaces here"
  mkdir mnt
  cp "$tree/host" "$tree/libfix.so" mnt
  start host unshare --mount sh -c "mount --bind mnt /mnt && umask 0 &&
    mount -t tmpfs none mnt && LD_LIBRARY_PATH=/mnt exec /mnt/host"
  rm mnt/libfix.so
  echo junk >mnt/libfix.so
  there_and_back host
  ends host 0
}

test_other_user() {
  start host setpriv --reuid 65534 --regid 65534 --clear-groups "$tree/host"
  there_and_back host
  # ... which may not do it to root's.
  start roots "$tree/host"
  local status=0
  setpriv --reuid 65534 --regid 65534 --clear-groups "$ctl" patch -p "${pid[roots]}" "$bundle" \
    >"$work/user.log" 2>&1 || status=$?
  [ $status = 126 ] && skip "the program is out of reach for others"
  [ $status = 5 ] || fail "exit code $status"
  grep -q 'CAP_SYS_PTRACE' "$work/user.log" || fail "no hint"
  there_and_back roots
  ends roots 0
  ends host 0
}
