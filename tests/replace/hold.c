/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded, holds a program back before its first constructor and before main, so
 * that nothing of it is on the stack when it is patched. It says that it is there by
 * opening $HOLD/ready and goes on when it can read from $HOLD/go. Children are not held.
 *
 * It stands in for __libc_start_main: the loader's own entry code, under which a
 * constructor would wait, has no unwind information. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_in(const char *folder, const char *name, int flags) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) {
    perror(path);
    _exit(99);
  }
  return fd;
}

/* read() without the C library: a thread inside of that would not do for the call that
   registers unwind tables. */
static long plain_read(int fd, char *buffer, unsigned long size) {
  long result = 0; /* __NR_read */
  __asm__ volatile("syscall"
                   : "+a"(result)
                   : "D"(fd), "S"(buffer), "d"(size)
                   : "rcx", "r11", "memory");
  return result;
}

static void hold(void) {
  const char *folder = getenv("HOLD");
  if (folder == NULL)
    return;
  int go = open_in(folder, "go", O_RDWR); /* open for writing, too: it waits for no one */
  close(open_in(folder, "ready", O_WRONLY));
  char byte;
  while (plain_read(go, &byte, 1) == -EINTR) {
  }
  close(go);
  unsetenv("HOLD");
  unsetenv("LD_PRELOAD");
}

typedef int start_function(int (*)(int, char **, char **), int, char **, void (*)(void),
                           void (*)(void), void (*)(void), void *);

int __libc_start_main(int (*entry)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
                      void *stack_end) {
  start_function *start = (start_function *)dlsym(RTLD_NEXT, "__libc_start_main");
  hold();
  return start(entry, argc, argv, init, fini, loader_fini, stack_end);
}
