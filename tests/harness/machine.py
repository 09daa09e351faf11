# SPDX-License-Identifier: GPL-2.0-or-later
"""What a machine may lack, found out by trying."""

import functools
import tempfile
from pathlib import Path

from . import process

# A child that comes to a hardware breakpoint: status 0 when it stops there.
BREAKPOINT = """
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) static void here(void) { __asm__ volatile(""); }
int main(void) {
  int status;
  long registers = offsetof(struct user, u_debugreg);
  pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    here();
    _exit(0);
  }
  waitpid(child, &status, 0);
  if (ptrace(PTRACE_POKEUSER, child, registers, here) != 0 ||
      ptrace(PTRACE_POKEUSER, child, registers + 7 * sizeof(long), 1L) != 0)
    return 2;
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
    return 1;
  kill(child, SIGKILL);
  return 0;
}
"""


@functools.cache
def hardware_breakpoints() -> bool:
    """Does a process stop at a hardware breakpoint? In some virtual machines it runs on, although
    the debug registers take the address."""
    with tempfile.TemporaryDirectory(prefix="libcare-probe.") as folder:
        program = Path(folder) / "probe"
        process.run(["gcc", "-O1", "-w", "-x", "c", "-", "-o", program], input=BREAKPOINT)
        return process.run([program], expect=(0, 1, 2)).status == 0
