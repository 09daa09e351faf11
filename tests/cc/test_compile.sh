# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_cc beside the plain compiler: what it leaves on disk is the same.

sources() {
  mkdir src
  cat >src/a.c <<'C'
#include <stdio.h>
int b(int);
int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++)
    printf("%d %s\n", b(i), argv[i]);
  return 0;
}
C
  cat >src/b.c <<'C'
static int count;
int b(int x) {
  switch (x) {
  case 0: return 7;
  case 1: return count++;
  case 2: return 99;
  case 3: return 12;
  case 4: return 5;
  default: return x * 3;
  }
}
C
  cat >src/c.cc <<'C'
#include <stdexcept>
#include <string>
#include <vector>
static thread_local int depth = 3;
int run(const std::string &s) {
  try {
    std::vector<int> v(s.size());
    if (v.size() > 10)
      throw std::runtime_error("big");
    return static_cast<int>(v.size()) + depth;
  } catch (std::exception &) {
    return -1;
  }
}
int main(int argc, char **argv) { return run(argv[argc - 1]); }
C
  cat >src/hand.S <<'C'
#define ANSWER 42
        .text
        .globl hand
        .type hand, @function
hand:   movl $ANSWER, %eax
        jmp 1f
        nop
1:      ret
        .size hand, . - hand
        .section .note.GNU-stack,"",@progbits
C
  cpp -P src/hand.S | grep -v '^$' >src/plain.s
}

# each COMPILER... : the body once for every compiler that is there
for_compilers() {
  sources
  local compiler
  for compiler in gcc clang; do
    has $compiler || continue
    echo "== $compiler"
    "$@" $compiler
  done
}

test_plain_objects() {
  body() { for o in -O0 -O1 -O2 -O3 -Os ""; do compare_stages src $1 $o -c a.c b.c; done; }
  for_compilers body
}
# Code that is not position-independent has addresses in its operands, which a compiler
# encodes otherwise than an assembler that reads them as text.
test_addresses_in_operands() {
  body() {
    cat >src/addresses.c <<'C'
extern int one, two[];
struct node { int *where; struct node *next; void (*call)(void); } nodes[4];
void outside(void), other(void);
int *walk(struct node *n, long i, int **all) {
  for (; n != nodes; n = n->next) {
    if (n->where == &one || all[i] == two || n->call == outside)
      return n->where + (n[i].call == other);
    if (nodes[1].where == &one)
      all[i] = two + (unsigned long)all[i] % 5;
  }
  return &two[i] + (i * (long)&one > (long)nodes);
}
C
    for o in -O0 -O1 -O2 -O3 -Os; do
      compare_stages src $1 $o -fno-pie -c addresses.c
      compare_stages src $1 $o -fno-pie -mcmodel=kernel -c addresses.c
    done
  }
  for_compilers body
}
# clang lays the line table of its text output out in another way. The original
# stage has its objects all the same; of the patched one only what is loaded is.
test_debug_info() {
  body() {
    if [ $1 = gcc ]; then
      for o in -O0 -O2; do compare_stages src $1 $o -g -c a.c b.c; done
      compare_stages src $1 -g -O2 a.c b.c -o prog
    else
      for o in -O0 -O1 -O2 -O3 ""; do
        clang $o -g src/a.c src/b.c -o plain
        in_stage original clang $o -g src/a.c src/b.c -o ours
        cmp plain ours
        in_stage patched clang $o -g src/a.c src/b.c -o ours
        same_loaded plain ours
      done
    fi
  }
  for_compilers body
}
test_hardened_flags() {
  body() {
    compare_stages src $1 -O2 -fcf-protection=full -fstack-protector-strong -ffunction-sections \
      -fdata-sections -fPIC -fasynchronous-unwind-tables -c b.c -o b.o
  }
  for_compilers body
}
test_cxx() {
  body() {
    local cxx=g++
    [ $1 = gcc ] || cxx=clang++
    for o in -O0 -O2; do compare_stages src $cxx $o c.cc -o c; done
  }
  for_compilers body
}
test_compile_and_link() {
  body() {
    compare_stages src $1 -O2 a.c b.c -o prog
    compare_stages src $1 -O2 a.c b.c
    has_patch result-patched/a.out && fail "unchanged, and yet a patch"
    return 0
  }
  for_compilers body
}
test_static_and_shared() {
  body() {
    compare_stages src $1 -O2 -static a.c b.c -o prog
    compare_stages src $1 -O2 -shared -fPIC b.c -o libb.so.1.2 -Wl,-soname,libb.so.1
    compare_stages src $1 -O2 -no-pie a.c b.c -o prog
  }
  for_compilers body
}
test_pipe() {
  body() {
    compare_stages src $1 -pipe -O2 -c b.c -o b.o
    compare_stages src $1 -pipe -O2 a.c b.c -o prog
  }
  for_compilers body
}
# clang writes no .s file for these two by itself; with ours it may not either.
test_save_temps() {
  sources
  compare_stages src gcc -save-temps -O2 -c b.c -o b.o
  compare_stages src gcc -save-temps -O2 a.c b.c -o prog
  ! has clang || compare_stages src clang -save-temps -O2 -c b.c -o b.o
}
test_language_and_stdin() {
  cat_compile() { "$1" -x c -O2 -c - -o out.o <b.c; }
  body() {
    cp src/b.c src/b.txt
    compare_stages src $1 -x c -O2 -c b.txt -o b.o
    compare_stages src cat_compile $1
  }
  for_compilers body
}
test_response_file() {
  body() {
    printf -- "-O2 -c b.c -o 'out b.o'\n" >src/args
    compare_stages src $1 @args
    printf -- "a.c b.c -o prog\n" >src/args
    compare_stages src $1 @args
  }
  for_compilers body
}
test_dependencies() {
  body() {
    compare_stages src $1 -MD -MF dep/x.d -MT target -c b.c -o b.o # no such folder: an error
    compare_stages src $1 -MMD -c b.c -o b.o
    compare_stages src $1 -MD -MF x.d -MT 'some target' -MP -c b.c -o b.o
    compare_stages src $1 -M b.c
    compare_stages src $1 -MM -MF x.d b.c
  }
  for_compilers body
}
test_assembly_sources() {
  body() {
    compare_stages src $1 -c hand.S -o hand.o
    compare_stages src $1 -c plain.s -o plain.o
    compare_stages src $1 -O2 -c plain.s hand.S
  }
  for_compilers body
}
test_preprocess_and_text() {
  body() {
    compare_stages src $1 -E a.c
    compare_stages src $1 -O2 -S b.c
    compare_stages src $1 -fsyntax-only a.c
  }
  for_compilers body
}
test_failing_compilation() { for_compilers body_failing; }
body_failing() {
  echo 'int f( {' >src/bad.c
  echo 'void f(void) { asm("no such instruction"); }' >src/badasm.c
  compare_stages src $1 -c bad.c
  if in_stage original $1 -c src/badasm.c -o x.o; then fail "bad assembly accepted"; fi
  [ ! -e x.o ] || fail "an object was left"
  compare_stages src $1 -c missing.c
  # undefined symbol b: messages name a temporary object
  if in_stage original $1 -O2 src/a.c -o prog; then fail "undefined symbol accepted"; fi
}

no_temporaries() { sed -E 's,/tmp/[A-Za-z0-9-]+,TEMP,g'; }
test_queries_pass_through() {
  body() {
    local query
    for query in --version -v -dumpversion -dumpmachine -print-prog-name=ld -print-search-dirs \
      -print-file-name=libc.so --help -### "-### -c b.c" "-E -v a.c"; do
      diff <(cd src && "$(PATH=$plain_path command -v $1)" $query 2>&1 | no_temporaries) \
        <(cd src && in_stage original $1 $query 2>&1 | no_temporaries) || fail "$1 $query"
    done
  }
  for_compilers body
}
# Unused on a link; the user's own unused options are still reported.
test_no_new_warnings() {
  body() {
    $1 -c src/a.c -o a.o
    $1 -c src/b.c -o b.o
    in_stage original $1 -Werror a.o b.o -o prog 2>err
    [ ! -s err ] || fail "$(cat err)"
  }
  for_compilers body
  ! has clang || compare_stages src clang -Werror=unused-command-line-argument -c -lm b.c
}
test_configure_stage_is_the_compiler() {
  sources
  for stage in configure ""; do
    in_stage "$stage" gcc -c src/b.c -o b.o
    [ ! -e store ] || fail "something was stored"
  done
  if in_stage nonsense gcc -c src/b.c -o b.o 2>err; then fail "unknown stage accepted"; fi
  grep -q "KPATCH_STAGE=nonsense" err
}
test_own_name_and_real() {
  sources
  compiler=$(PATH=$plain_path command -v gcc)
  [ "$("$bin/kpatch_cc" --version)" = "$("$compiler" --version)" ]
  ! has clang || [ "$(KPATCH_REAL_CC=clang "$bin/kpatch_cc" --version)" = "$(clang --version)" ]
  [ "$("$bin/kpatch_cc" --real="$compiler" -dumpmachine)" = "$(gcc -dumpmachine)" ]
  [ "$("$bin/kpatch_cc" --real=g++ --version)" = "$("$(command -v g++)" --version)" ]
  if "$bin/kpatch_cc" --real=/no/such 2>err; then fail "no such compiler accepted"; fi
  grep -q '/no/such' err
}
test_user_prefix_keeps_working() {
  body() {
    mkdir -p own
    ln -sf "$(command -v ld.gold || command -v ld)" own/ld
    $1 -B "$PWD/own" -O2 src/a.c src/b.c -o plain
    in_stage original $1 -B "$PWD/own" -O2 src/a.c src/b.c -o ours
    cmp plain ours
    grep -q '/ours"' store/links/original/*.json
  }
  for_compilers body
}
test_other_linkers() {
  body() {
    for linker in gold bfd; do
      has ld.$linker || continue
      compare_stages src $1 -fuse-ld=$linker -O2 a.c b.c -o prog
    done
  }
  for_compilers body
}
# lld puts .eh_frame elsewhere once it is asked for --emit-relocs, which can move
# what follows: docs/building-patches.rst says so. The original stage is exact.
test_lld() {
  has ld.lld || skip "no ld.lld"
  body() {
    (cd src && $1 -fuse-ld=lld -O2 a.c b.c -o prog && mv prog plain)
    (cd src && in_stage original $1 -fuse-ld=lld -O2 a.c b.c -o prog && cmp plain prog)
    (cd src && in_stage patched $1 -fuse-ld=lld -O2 a.c b.c -o prog)
  }
  for_compilers body
}
