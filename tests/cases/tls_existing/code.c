#include <errno.h>
#include <stdio.h>

#include "case.h"

__thread int shared = 10;
__thread int unread = 3000; /* nothing here refers to it */
static __thread int own;
static __thread char text[16] __attribute__((used)) = "abc";
#ifdef LOCAL_DYNAMIC /* is for variables of this object alone */
__attribute__((tls_model("global-dynamic")))
#endif
extern __thread int elsewhere;

__attribute__((noinline)) int tally(int n) {
  own += n;
  return own + shared;
}

__attribute__((noinline)) static int fail(void) {
  errno = EDOM;
  return own;
}

void answer(const char *request, char *reply) {
  sprintf(reply, "%d", request[0] == 'f' ? fail() : tally(1));
}
