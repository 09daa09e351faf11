/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * accept4 that fails with ECONNABORTED once when the file $ABORT_FLAG exists, as it does for
 * a connection that has ended before it was accepted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  int (*real)(int, struct sockaddr *, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");
  const char *flag = getenv("ABORT_FLAG");
  if (flag && unlink(flag) == 0) {
    errno = ECONNABORTED;
    return -1;
  }
  return real(fd, address, length, flags);
}
