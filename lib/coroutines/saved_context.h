// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where a stack that no thread runs on goes on: the registers that the switch away
// from it saved. With them the stack is unwound exactly, and what lies below its
// stack pointer is known to be dead.
//
// Structures that hold such registers stay behind when the coroutine goes on, so each
// must show that it is the last word:
//
//   ucontext    the word below its stack pointer is still the return address that it
//               holds: nothing ran on this stack since the call of swapcontext
//   fcontext    its return address follows a call to a function that stores MXCSR
//               (jump_fcontext, ontop_fcontext, under whatever name); a pointer to it
//               is kept somewhere
//               (context_finder.h)
//   jmp_buf     the word below its stack pointer returns to a call of longjmp: this
//               frame left by a jump and has not been entered again
//   switched    a return address of a call to a function that changes stacks (as in
//               libco, or ruby); a pointer to it, or to the registers that the function
//               pushed below it, is kept somewhere. Of a function that cannot be told
//               (a jump through a register led there) nothing but a pointer from
//               elsewhere to that very word, as libco keeps it, counts
//   thread      a thread that runs on a stack that is not its own
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <sys/user.h>

#include "lib/coroutines/code_map.h"
#include "lib/process/memory.h"

namespace care {

// Offsets in glibc's ucontext_t (sys/ucontext.h, x86-64).
inline constexpr uint64_t kUcontextStack = 16;          // uc_stack.ss_sp
inline constexpr uint64_t kUcontextStackSize = 32;      // uc_stack.ss_size
inline constexpr uint64_t kUcontextRegisters = 40;      // r8 r9 ... as in enum REG_R8
inline constexpr uint64_t kUcontextFloatsPointer = 224; // uc_mcontext.fpregs
inline constexpr uint64_t kUcontextFloats = 424;        // __fpregs_mem

// In __jmp_buf (setjmp.h, jmpbuf-offsets.h): rbx rbp r12 r13 r14 r15 rsp pc.
inline constexpr uint64_t kJumpBufferPc = 56;

enum class ContextKind { ucontext, fcontext, jump_buffer, switched, thread };
const char *context_text(ContextKind kind);

struct SavedContext {
  ContextKind kind = ContextKind::ucontext;
  RemoteAddr at;           // the structure; of a thread: its id
  user_regs_struct regs{}; // what the switch preserves, rip and rsp
  RemoteRange stack;       // empty: not known
  RemoteAddr pointer;      // to it, where one was looked for and found
  bool certain = true;     // false: `switched`, by a function that cannot be told

  RemoteAddr sp() const { return RemoteAddr(regs.rsp); }
  // "ucontext at 0x5581..."
  std::string text() const;
};

std::optional<SavedContext> read_ucontext(RemoteAddr at, CachedMemory &memory, CodeMap &code);
std::optional<SavedContext> read_fcontext(RemoteAddr at, CachedMemory &memory, CodeMap &code);
// `is_long_jump`: is this the address of one of the C library's longjmp functions?
std::optional<SavedContext> read_jump_buffer(RemoteAddr at, uint64_t guard, CachedMemory &memory,
                                             CodeMap &code, const std::set<RemoteAddr> &long_jumps);

// gcc calls the body of a coroutine f f.Frame.actor, clang f.resume; a suspended
// frame begins with its address.
bool is_coroutine_body(std::string_view function);

} // namespace care
