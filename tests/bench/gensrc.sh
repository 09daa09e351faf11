# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# kpatch_gensrc beside `as`: this project's own largest file, or SOURCE built with FLAGS.
measure() { # seconds of processor time, and peak memory in KiB, of a command
  local best=
  for _ in 1 2 3; do
    "$bin/measure" "$@" >"$work/figures"
    if [ -z "$best" ] || awk -v a="$(cut -d' ' -f1 "$work/figures")" -v b="${best% *}" \
      'BEGIN { exit !(a < b) }'; then
      best=$(cat "$work/figures")
    fi
  done
  echo "$best"
}

beside_as() { # SOURCE FLAGS...
  local source=$1 compiler=gcc size
  shift
  case $source in *.cc | *.cpp) compiler=g++ ;; esac
  echo
  echo "$compiler $* -S $(basename "$source")"
  $compiler "$@" -S "$source" -o "$work/original.s"
  # The same with one function changed: its first constant that can be.
  awk '!done && /^\tmovl\t\$[0-9]+, %e[a-d]x$/ { sub(/\$[0-9]+/, "$4711"); done = 1 } { print }' \
    "$work/original.s" >"$work/patched.s"
  as_figures=$(measure as "$work/original.s" -o "$work/original.o")
  gensrc_figures=$(measure "$bin/kpatch_gensrc" "$work/original.s" "$work/patched.s" -o "$work/out.s")
  size=$(($(stat -c %s "$work/original.s") + $(stat -c %s "$work/patched.s")))
  echo "input: $(wc -l <"$work/original.s") lines, both sides $((size / 1024)) KiB"
  printf '%-14s %8s s %10s KiB peak\n' as $as_figures kpatch_gensrc $gensrc_figures
  awk -v a="${gensrc_figures% *}" -v b="${as_figures% *}" -v m="${gensrc_figures#* }" -v s="$size" \
    'BEGIN { printf "kpatch_gensrc takes %.2f of as'"'"'s time, %.1f times its input in memory\n",
             a / b, m * 1024 / s }'
}

top=$(cd "$here/../.." && pwd)
if [ -n "${SOURCE:-}" ]; then
  beside_as "$SOURCE" ${FLAGS:--O2 -g}
else
  # Twenty megabytes of templates, and the same optimised.
  beside_as "$top/kpatch_tool/show_command.cc" -std=c++20 -O0 -g "-I$top"
  beside_as "$top/kpatch_tool/show_command.cc" -std=c++20 -O2 "-I$top"
fi
