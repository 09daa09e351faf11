// SPDX-License-Identifier: GPL-2.0-or-later
//
// One pass over memory, word by word, for what suspended stacks leave there:
//
//   candidate   a word that is a return address into forbidden code
//   frame       a C++20 coroutine frame whose body is forbidden code: a pointer to a
//               function that is known for one by its name, or two pointers, one after
//               the other, to functions of one range (a patch that is to be undone)
//   ucontext    glibc's ucontext_t: uc_mcontext.fpregs points to __fpregs_mem, 200
//               bytes behind itself
//   fcontext    boost.context's saved stack top: MXCSR and x87 control word, which
//               begin the saved registers
//   jmp_buf     glibc's: its eighth word is a mangled return address
//   stack page  a page that holds return addresses into any code
//
// The signatures are necessary, not sufficient: saved_context.h looks closer.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "lib/coroutines/code_map.h"
#include "lib/unwind/forbidden_code.h"

namespace care {

struct FoundWord {
  RemoteAddr at;
  RemoteAddr value;
};

// glibc xors pointers in jmp_bufs with a secret and rotates them
// (sysdeps/unix/sysv/linux/x86_64/pointer_guard.h).
uint64_t demangle(uint64_t word, uint64_t guard);

struct ScanRules {
  const ForbiddenCode &forbidden;
  CodeMap &code;
  std::optional<uint64_t> pointer_guard; // nothing: no jmp_bufs
  const std::set<RemoteAddr> &bodies;    // of C++20 coroutines, besides those that names tell
  bool stack_pages = false;              // look for them; three times the work
};

struct Marks {
  std::vector<FoundWord> candidates;
  std::vector<FoundWord> frames;
  std::vector<RemoteAddr> ucontexts; // first byte of the structure, as the next two
  std::vector<RemoteAddr> fcontexts;
  std::vector<RemoteAddr> jump_buffers;
  std::set<uint64_t> stack_pages; // page numbers
  uint64_t words = 0;
};

// `content` was read from `at`, both multiples of 8.
void scan_memory(RemoteAddr at, std::span<const std::byte> content, const ScanRules &rules,
                 Marks &marks);

} // namespace care
