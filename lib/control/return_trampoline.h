// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where injected calls come back to: a few instructions in the target that bring the
// thread back to its own state without us.
//
// They stand in the slack of a page of code: behind the last byte of an executable
// segment, where the page is mapped and nothing is. Written once through /proc/PID/mem,
// they stay: another doctor may lead a thread there, now or later. The vdso is preferred,
// then the program, whose pages are never unmapped.
//
//     0   mov  %rax, %rbx        what the function returned, for us to read
//     3   mov  %r13d, (%r12)     errno, as it was
//     7   mov  %ebp, (%r14)      a word that says that the call is over
//    10   mov  $15, %eax
//    15   syscall                rt_sigreturn, by the frame under the call
//    17   jmp  10
//
// Behind the code stands a note about work that a doctor has begun (RemoteNote).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/process/memory.h"
#include "lib/process/objects.h"

namespace care {

struct ReturnTrampoline {
  RemoteAddr code;

  RemoteAddr sigreturn() const { return code + 10; }
  // What %rip is behind the system call instruction.
  RemoteAddr arrived() const { return code + 17; }
  RemoteAddr note() const { return code + 32; }
  RemoteRange range() const { return {code, code + 32}; }
};

// Bytes behind note() that are free for it.
inline constexpr uint64_t kTrampolineNote = 64;

// The one that stands there, or nothing.
std::optional<ReturnTrampoline> find_return_trampoline(const std::vector<LoadedObject> &objects,
                                                       const RemoteMemory &memory);
// The same, written where none stands. Throws Error unsupported when no object has room.
ReturnTrampoline make_return_trampoline(const std::vector<LoadedObject> &objects,
                                        const RemoteMemory &memory);

} // namespace care
