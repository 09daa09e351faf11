/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * huge FOLDER: 2000 mappings, 200 GiB of address space, and every library of FOLDER. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fix.h"

static void require(int ok, const char *what) {
  if (!ok) {
    perror(what);
    exit(1);
  }
}

static void map_much(void) {
  size_t gib = (size_t)1 << 30, page = 4096;
  int lazy = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  require(mmap(NULL, 100 * gib, PROT_NONE, lazy, -1, 0) != MAP_FAILED, "PROT_NONE");
  char *sparse = mmap(NULL, 100 * gib, PROT_READ | PROT_WRITE, lazy, -1, 0);
  require(sparse != MAP_FAILED, "100 GiB");
  for (size_t i = 0; i < 100; i++)
    sparse[i * gib] = 1;
  char *many = mmap(NULL, 4000 * page, PROT_READ, lazy, -1, 0);
  for (size_t i = 0; i < 4000; i += 4)
    require(mprotect(many + i * page, 2 * page, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

static void open_libraries(const char *folder) {
  char path[4096];
  DIR *d = opendir(folder);
  struct dirent *e;
  require(d != NULL, folder);
  while ((e = readdir(d))) {
    snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
    require(e->d_name[0] == '.' || dlopen(path, RTLD_NOW), path);
  }
  closedir(d);
}

int main(int argc, char **argv) {
  char line[256];
  map_much();
  open_libraries(argc > 1 ? argv[1] : ".");
  puts("ready");
  fflush(stdout);
  while (fgets(line, sizeof line, stdin) && strcmp(line, "exit\n") != 0) {
    puts(answer());
    fflush(stdout);
  }
  return 0;
}
