# SPDX-License-Identifier: GPL-2.0-or-later
#
# System calls that wait go on waiting: none ends with EINTR that would not without
# us, also of those that a stop and SIGCONT would end so (signal(7)).

# waits LIST WORD: a process for each way, all patched by one command.
waits() {
  local name ways
  mapfile -t ways < <(exec -a "$1" "$tree/blocked")
  [ ${#ways[@]} -gt 10 ] || fail "no ways"
  for name in "${ways[@]}"; do start "$name" "$tree/blocked" "$name"; done
  patch "${ways[@]}"
  for name in "${ways[@]}"; do ask "$name" ask after; done
  unpatch "${ways[@]}"
  local wrong=0
  for name in "${ways[@]}"; do
    say "$name" "$2"
    (answers "$name" ok) || { echo "^ $name"; wrong=1; }
    [ $wrong = 1 ] || ask "$name" ask before
  done
  [ $wrong = 0 ] || exit 1
  for name in "${ways[@]}"; do ends "$name" 0; done
}

test_waits_go_on() { waits plain wake; }
test_timeouts_hold() { waits timed wait; }
