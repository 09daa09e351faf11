#include <string.h>

#include "case.h"

void answer(const char *request, char *reply) {
  strcpy(reply, request[0] == 'a' ? "before" : "?");
}
