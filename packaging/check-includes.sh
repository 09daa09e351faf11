#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checks the include order of docs/hacking.rst: a module of lib/ sees only those above it,
# a program sees lib/ and itself, and within a program a stage sees only earlier ones.
# kpatch_gensrc knows no ELF, kpatch_tool no processes, libcare-ctl no assembly.
#
#     check-includes.sh            silent and 0 when all is well
#     check-includes.sh --table    prints which module includes which
set -eu
cd "$(dirname "$0")/.."
bad=0

lib="base cli json store x86 elf dwarf layout patchfile process control unwind coroutines resolve target
  runtime transaction"
programs="kpatch_gensrc kpatch_cc kpatch_tool kpatch_make libcare-ctl"
kpatch_gensrc_stages="asm match verdict emit report"
kpatch_tool_stages="proof make show types"
kpatch_make_stages="sources build objects report deb rpm"
processes="process control unwind coroutines resolve target runtime transaction"

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

# one_way PREFIX MODULE...: each includes only those before it, and all modules are named
one_way() {
  parent=$1
  shift
  for folder in "$parent"/*/; do
    name=$(basename "$folder")
    case " $* " in *" $name "*) ;; *) echo "$folder is not in the list of modules" >&2; bad=1 ;; esac
  done
  while [ $# -gt 0 ]; do
    module=$1
    shift
    [ -d "$parent/$module" ] || continue
    for later; do forbid "$parent/$module" "$parent/$later"; done
  done
}

# only_in FOLDER TEXT: no product source elsewhere, and no header at all, includes it
only_in() {
  if git grep -nE "^#include $2" -- $programs lib include | grep -vE "^$1/[a-z_]+\.cc:"; then
    echo "  ^ only a .cc of $1 may include $2...>" >&2
    bad=1
  fi
}

below_lib() { for module; do echo "lib/$module"; done; }

table() {
  for folder in lib/*/ kpatch_*/ kpatch_*/*/ libcare-ctl/; do
    folder=${folder%/}
    used=$(grep -hoE '^#include "(lib/[a-z0-9]+|(kpatch_[a-z]+|libcare-ctl)(/[a-z]+)?)/[a-z_]+\.h"' \
      "$folder"/*.cc "$folder"/*.h 2>/dev/null | sed -E 's/^#include "//; s,/[a-z_]+\.h"$,,; s,^lib/,,' |
      grep -vxF "${folder#lib/}" | sort -u | tr '\n' ' ')
    printf '%-22s %s\n' "${folder#lib/}" "$used"
  done
}

if [ "${1:-}" = --table ]; then
  table
  exit 0
fi

# shellcheck disable=SC2086,SC2046
{
  one_way lib $lib
  only_in lib/cli '<CLI/'
  only_in lib/json '<nlohmann/'
  forbid lib $programs packaging
  for program in $programs; do
    for other in $programs; do [ "$program" = "$other" ] || forbid "$program" "$other"; done
  done
  one_way kpatch_gensrc $kpatch_gensrc_stages
  one_way kpatch_tool $kpatch_tool_stages
  one_way kpatch_make $kpatch_make_stages
  forbid kpatch_gensrc $(below_lib elf patchfile $processes)
  forbid kpatch_cc $(below_lib $processes)
  forbid kpatch_tool $(below_lib $processes)
  forbid kpatch_make $(below_lib $processes)
}
exit $bad
