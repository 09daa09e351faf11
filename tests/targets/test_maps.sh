# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is mapped, and how.

# A file that is only read has all the marks of an object but its place.
test_mapped_as_data() {
  start host "$tree/host"
  ask host "map $tree/libfix.so" mapped
  ask host "map $tree/host" mapped
  there_and_back host
  ends host 0
}

test_split_segments() {
  start host "$tree/host"
  ask host split split
  there_and_back host
  ends host 0
}

test_huge() {
  local i
  mkdir lib
  echo 'int nothing(void) { return 0; }' >nothing.c
  gcc -O1 -fPIC -shared nothing.c -o nothing.so
  for i in {1..500}; do cp nothing.so "lib/$i.so"; done
  start huge "$tree/huge" lib
  there_and_back huge
  ends huge 0
}

test_replaced_on_disk() {
  mkdir lib
  cp "$tree/libfix.so" "$tree/host" lib
  start host env LD_LIBRARY_PATH="$work/lib" lib/host
  rm lib/host lib/libfix.so
  cp /bin/true lib/libfix.so
  there_and_back host
  ends host 0
}
