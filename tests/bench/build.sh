# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A plain build of kpatch_gensrc beside both stages of kpatch_make, one file changed.
mkdir "$work/tree"
cp -a "$top"/{Makefile,lib,kpatch_gensrc,kpatch_cc,kpatch_tool,kpatch_make,libcare-ctl,packaging,tests} "$work/tree"
cp -a "$work/tree" "$work/new"
echo 'int care_bench() { return 4711; }' >>"$work/new/kpatch_gensrc/asm/names.cc"
(cd "$work" && diff -ru tree new >fix.patch) || true
make=(make -s -B "-j$(nproc)" CXX=g++ V=1 build/bin/kpatch_gensrc)
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", (b - a) / 1e9 }'; }
start=$(date +%s%N)
(cd "$work/tree" && "${make[@]}") >"$work/plain.log" 2>&1 || { tail "$work/plain.log"; exit 1; }
plain=$(seconds "$start" "$(date +%s%N)")
rm -rf "$work/tree/build"
status=0
"$bin/kpatch_make" --json -o "$work/bundle2" -p "$work/fix.patch" -C "$work/tree" -- "${make[@]}" \
  >"$work/make.json" 2>"$work/make.log" || status=$?
# 7: a function that nobody calls is no reason for a patch.
[ "$status" = 0 ] || [ "$status" = 7 ] || { tail "$work/make.log"; exit 1; }
built() { sed -n "s/^$1 build: \([0-9.]*\) s.*/\1/p" "$work/make.log"; }
echo
echo "kpatch_gensrc itself: plain build $plain s, original stage $(built original) s," \
  "patched stage $(built patched) s"
awk -v p="$plain" -v o="$(built original)" -v q="$(built patched)" \
  'BEGIN { printf "the original stage takes %.2f of a plain build, the patched one %.2f\n", o / p, q / p }'
