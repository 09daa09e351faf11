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
