# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# server.sh FIFO: computes. A question is a line with a folder's name and an expression; the
# answer, or the complaint, goes to the fifo `answer` in that folder. It never forks, and
# it opens for both ways what it writes to: whoever asked may be gone.
while read -r folder expression <&3; do
  result=
  let "result = $expression" 2>"$folder/complaint"
  [ -n "$result" ] || read -r result <"$folder/complaint"
  printf '%s\n' "$result" 1<>"$folder/answer"
done 3<>"$1"
