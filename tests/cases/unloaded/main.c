/* Loads and unloads plug-ins: `open LIBRARY`, `close`, or a request for the one that is
 * open. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  char request[4096], reply[4096];
  void *library = NULL;
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    void (*answer)(const char *, char *) = NULL;
    strcpy(reply, "nothing is open");
    if (strncmp(request, "open ", 5) == 0) {
      library = dlopen(request + 5, RTLD_NOW);
      strcpy(reply, library ? "opened" : dlerror());
    } else if (strcmp(request, "close") == 0) {
      strcpy(reply, library && dlclose(library) == 0 ? "closed" : "not closed");
      library = NULL;
    } else if (library) {
      *(void **)&answer = dlsym(library, "answer");
      answer(request, reply);
    }
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
