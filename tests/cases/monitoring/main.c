#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *library;
static void (*answer)(const char *, char *);

static int load(void) {
  library = dlopen("./libcode.so", RTLD_NOW);
  if (library)
    *(void **)&answer = dlsym(library, "answer");
  return library && answer;
}

int main(void) {
  char request[4096], reply[4096];
  if (!load())
    return 1;
  while (fgets(request, sizeof request, stdin)) {
    request[strcspn(request, "\n")] = '\0';
    strcpy(reply, request);
    if (strcmp(request, "unload") == 0)
      dlclose(library);
    else if (strcmp(request, "load") == 0 && !load())
      return 2;
    else if (strcmp(request, "ask") == 0)
      answer(request, reply);
    puts(reply);
    fflush(stdout);
  }
  return 0;
}
