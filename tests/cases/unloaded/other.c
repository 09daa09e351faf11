/* A library of the same size, with other code where the plug-in's was. */
#include <string.h>

__attribute__((visibility("default"))) void answer(const char *request, char *reply) {
  strcpy(reply, "other");
  (void)request;
}
