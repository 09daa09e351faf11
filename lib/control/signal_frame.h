// SPDX-License-Identifier: GPL-2.0-or-later
//
// A signal frame under an injected call: all of a thread's state, in the form in which
// the kernel itself lays it on the stack for a signal handler and takes it back by
// rt_sigreturn. When the doctor dies meanwhile, the thread still comes back through it.
//
// It takes the place that the frame of a signal would take, below the red zone: nearly
// 4 KiB with AVX-512. A thread that is on a stack of another kind (a coroutine's, a
// goroutine's) may not have that; it gets none.
//
//     frame + 0    return address: the trampoline           struct rt_sigframe,
//           + 8    struct ucontext: registers, mask,     arch/x86/include/asm/
//                  alternate stack (left as it is)       sigframe.h
//           + 312  siginfo: unused, words of ours
//     above it     the XSAVE area, at 64 bytes, with the magics that tell the kernel
//                  that it is more than FXSAVE (struct _fpx_sw_bytes)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <sys/user.h>

#include "lib/process/maps.h"
#include "lib/process/memory.h"

namespace care {

struct ThreadState {
  user_regs_struct regs{};
  uint64_t mask = 0;
  std::vector<std::byte> vectors; // as PTRACE_GETREGSET NT_X86_XSTATE returns it
};

struct SignalFrame {
  RemoteAddr at; // of the return address; a called function begins with %rsp here
  // A word that no code reads, and after it another.
  RemoteAddr scratch() const { return at + 312; }
};

// Where the thread's frame would be, when it is on the stack that the kernel or the C
// library gave it, with room for it in what is mapped (`map`); otherwise nothing.
std::optional<SignalFrame> place_frame(const ThreadState &state, const MemoryMap &map);

// Writes it. `regs` is what the thread is to go on with (registers_for_frame()).
void write_frame(const SignalFrame &frame, const ThreadState &state, const user_regs_struct &regs,
                 RemoteAddr trampoline, const RemoteMemory &memory);

} // namespace care
