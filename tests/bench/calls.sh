# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a call costs: through a patch's jump, through a jump that the program has itself,
# and before the patch. The best of 9 each: only calls are counted, nothing waits.
best() { # COLUMN
  for _ in 1 2 3 4 5 6 7 8 9; do
    echo >&"$to"
    read -r -t 60 answer <&"$from"
    echo "$answer"
  done | sort -n -k "$1" | awk -v c="$1" 'NR == 1 { print $c }'
}
mkfifo "$work/in.calls" "$work/out.calls"
"$work/src/calls" <"$work/in.calls" >"$work/out.calls" &
target=$!
exec {to}>"$work/in.calls" {from}<"$work/out.calls"
before=$(best 1)
"$bin/libcare-ctl" patch -p "$target" "$work/bundle1" >"$work/ctl.log"
patched=$(best 1) jump=$(best 2)
printf '\na call: %s ns, through a plain jump %s ns, patched %s ns (%s of the plain jump)\n' \
  "$before" "$jump" "$patched" "$(ratio "$patched" "$jump")"
exec {to}>&- {from}<&-
wait "$target"
target=
