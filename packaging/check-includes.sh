#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks the include order of docs/hacking.rst: lib/ modules see only those
# above them, kpatch_gensrc knows no ELF, kpatch_tool no processes, libcare-ctl
# no assembly.
set -eu
cd "$(dirname "$0")/.."
bad=0

# forbid FOLDER PREFIX...: no file of FOLDER includes anything below the prefixes
forbid() {
  folder=$1
  shift
  for prefix; do
    if grep -rn "#include \"$prefix/" "$folder" --include='*.cc' --include='*.h'; then
      echo "  ^ $folder must not include $prefix/" >&2
      bad=1
    fi
  done
}

modules="base elf dwarf x86 layout patchfile process unwind coroutines apply"
for module in $modules; do
  later=$(echo "$modules" | sed "s/.*\b$module\b//")
  for other in $later; do
    forbid "lib/$module" "lib/$other"
  done
  forbid "lib/$module" kpatch_gensrc kpatch_cc kpatch_tool libcare-ctl packaging
done
forbid kpatch_gensrc lib/elf lib/patchfile lib/process lib/unwind lib/coroutines lib/apply
forbid kpatch_cc lib/process lib/unwind lib/coroutines lib/apply
forbid kpatch_tool lib/process lib/unwind lib/coroutines lib/apply kpatch_gensrc kpatch_cc libcare-ctl
forbid libcare-ctl kpatch_gensrc kpatch_cc kpatch_tool
exit $bad
