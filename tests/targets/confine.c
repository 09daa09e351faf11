/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What systemd and sandboxes do to a service, by name. */
#include "confine.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
/* Lets the call through. */
#define ALLOW(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), RETURN(SECCOMP_RET_ALLOW)

static void require(int ok, const char *what) {
  if (ok)
    return;
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void install(struct sock_filter *filter, size_t count) {
  struct sock_fprog program = {(unsigned short)count, filter};
  require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
  require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "PR_SET_SECCOMP");
}

/* systemd's SystemCallFilter with so short a list that mmap kills. */
static void filter_calls(void) {
  struct sock_filter filter[] = {
      LOAD(nr),
      ALLOW(SYS_read),
      ALLOW(SYS_write),
      ALLOW(SYS_exit_group),
      ALLOW(SYS_rt_sigreturn),
      ALLOW(SYS_restart_syscall),
      RETURN(SECCOMP_RET_KILL_PROCESS),
  };
  install(filter, sizeof filter / sizeof *filter);
}

/* systemd's MemoryDenyWriteExecute before Linux 6.3: no mmap with PROT_WRITE and
 * PROT_EXEC, no mprotect with PROT_EXEC. */
static void deny_write_execute(void) {
  struct sock_filter filter[] = {
      LOAD(nr),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
      LOAD(args[2]),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_WRITE | PROT_EXEC, 4, 5),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 4),
      LOAD(args[2]),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_EXEC),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_EXEC, 0, 1),
      RETURN(SECCOMP_RET_ERRNO | EPERM),
      RETURN(SECCOMP_RET_ALLOW),
  };
  install(filter, sizeof filter / sizeof *filter);
}

void confine(const char *how) {
  if (strcmp(how, "filter") == 0)
    filter_calls();
  else if (strcmp(how, "deny_write_execute") == 0)
    deny_write_execute();
  else if (strcmp(how, "strict") == 0)
    require(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0, "SECCOMP_MODE_STRICT");
  else if (strcmp(how, "mdwe") == 0)
    require(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0, "PR_SET_MDWE");
  else if (strcmp(how, "no_new_privs") == 0)
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS");
  else if (strcmp(how, "not_dumpable") == 0)
    require(prctl(PR_SET_DUMPABLE, 0) == 0, "PR_SET_DUMPABLE");
  else
    require(0, how);
}
