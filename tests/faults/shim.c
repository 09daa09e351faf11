/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kills the doctor at a point of our choice. Preloaded into libcare-ctl it counts each
 * call by which the doctor touches a process: ptrace, process_vm_readv and _writev,
 * writes to files of /proc/PID (mem above all), kill. Just before or just behind the
 * call number FAULT_AT it raises SIGKILL, from which nothing can protect itself.
 *
 *   FAULT_AT=N           1: the first call
 *   FAULT_WHEN=before    or after
 *   FAULT_LOG=FILE       a line for each call instead, for counting
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long count, fault_at = -1;
static int after, log_fd = -1;

__attribute__((constructor)) static void set_up(void) {
  const char *at = getenv("FAULT_AT"), *when = getenv("FAULT_WHEN"), *log = getenv("FAULT_LOG");
  if (at)
    fault_at = atol(at);
  after = when && !strcmp(when, "after");
  if (log)
    log_fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;)
    pause();
}

static void begin(const char *what, long detail) {
  count++;
  if (log_fd >= 0)
    dprintf(log_fd, "%ld %s %ld\n", count, what, detail);
  if (count == fault_at && !after)
    die();
}

static void end(void) {
  if (count == fault_at && after)
    die();
}

long ptrace(enum __ptrace_request request, ...) {
  static long (*real)(long, ...);
  va_list list;
  va_start(list, request);
  pid_t pid = va_arg(list, pid_t);
  void *addr = va_arg(list, void *), *data = va_arg(list, void *);
  va_end(list);
  if (!real)
    real = (long (*)(long, ...))dlsym(RTLD_NEXT, "ptrace");
  begin("ptrace", (long)request);
  long result = real((long)request, pid, addr, data);
  end();
  return result;
}

/* Does `fd` lead to a process? A memory file of one is reached by /proc/PID/fd. */
static int leads_to_process(int fd) {
  char path[64], to[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return readlink(path, to, sizeof to - 1) > 0 &&
         (!strncmp(to, "/proc/", 6) || !strncmp(to, "/memfd:", 7));
}

#define WRITE(name, parameters, arguments)                                                         \
  ssize_t name parameters {                                                                        \
    static ssize_t(*real) parameters;                                                              \
    if (!real)                                                                                     \
      real = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name);                                       \
    if (!leads_to_process(fd))                                                                     \
      return real arguments;                                                                       \
    begin(#name, (long)size);                                                                      \
    ssize_t result = real arguments;                                                               \
    end();                                                                                         \
    return result;                                                                                 \
  }
WRITE(write, (int fd, const void *data, size_t size), (fd, data, size))
WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))

#define PROCESS_VM(name)                                                                           \
  ssize_t name(pid_t pid, const struct iovec *local, unsigned long m, const struct iovec *remote,  \
               unsigned long n, unsigned long flags) {                                             \
    static ssize_t (*real)(pid_t, const struct iovec *, unsigned long, const struct iovec *,       \
                           unsigned long, unsigned long);                                          \
    if (!real)                                                                                     \
      real = (__typeof__(real))dlsym(RTLD_NEXT, #name);                                            \
    begin(#name, (long)n);                                                                         \
    ssize_t result = real(pid, local, m, remote, n, flags);                                        \
    end();                                                                                         \
    return result;                                                                                 \
  }
PROCESS_VM(process_vm_readv)
PROCESS_VM(process_vm_writev)

int kill(pid_t pid, int sig) {
  static int (*real)(pid_t, int);
  if (!real)
    real = (int (*)(pid_t, int))dlsym(RTLD_NEXT, "kill");
  begin("kill", sig);
  int result = real(pid, sig);
  end();
  return result;
}
