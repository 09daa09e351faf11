/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program that calls what is patched when it is asked to: one request a line, one
 * answer a line. Its arguments put it under restrictions first (confine.c).
 *
 *   ask          what the fix changes
 *   exec         executes itself again, without arguments
 *   thread       another thread serves from now on, and the first one waits for it
 *   fork, vfork  a child serves from now on, until it exits (in vfork: with one line)
 *   map          maps the file of the fix as data
 *   split        splits the mappings of its code and of its data
 *   exit         ends at once */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "fix.h"

extern char fix_pages[];

static const char *serve_in_child(void) {
  pid_t child = fork();
  if (child == 0)
    return "child";
  waitpid(child, NULL, 0);
  return "parent";
}

/* The child shares the memory, and the parent does not come to any stop. */
static const char *serve_in_vfork(void) {
  if (vfork() == 0) {
    char byte = 0;
    if (write(1, "child\n", 6) == 6)
      while (byte != '\n' && read(0, &byte, 1) == 1) {
      }
    _exit(0);
  }
  return "parent";
}

static void *serve(void *first_words);

static const char *serve_in_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, serve, (void *)"thread") != 0)
    return "no thread";
  pthread_join(thread, NULL);
  return "first";
}

static const char *map_file(const char *path) {
  int fd = open(path, O_RDONLY);
  void *first = mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, fd, 0);
  void *second = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  close(fd);
  return first == MAP_FAILED || second == MAP_FAILED ? "cannot map" : "mapped";
}

static const char *split(void) {
  uintptr_t code = (uintptr_t)&answer & ~(uintptr_t)4095;
  uintptr_t data = ((uintptr_t)fix_pages + 8191) & ~(uintptr_t)4095;
  if (madvise((void *)code, 4096, MADV_DONTDUMP) != 0 ||
      mprotect((void *)data, 4096, PROT_READ) != 0)
    return "cannot split";
  return "split";
}

static const char *reply_to(char *line) {
  if (strcmp(line, "ask") == 0)
    return answer();
  if (strcmp(line, "exec") == 0)
    execl("/proc/self/exe", "again", (char *)0);
  if (strcmp(line, "thread") == 0)
    return serve_in_thread();
  if (strcmp(line, "fork") == 0)
    return serve_in_child();
  if (strcmp(line, "vfork") == 0)
    return serve_in_vfork();
  if (strncmp(line, "map ", 4) == 0)
    return map_file(line + 4);
  if (strcmp(line, "split") == 0)
    return split();
  if (strcmp(line, "exit") == 0)
    _exit(0);
  return "?";
}

static void *serve(void *first_words) {
  char line[256];
  puts(first_words);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = '\0';
    puts(reply_to(line));
    fflush(stdout);
  }
  _exit(0);
}

int main(int argc, char **argv) {
  static char in[4096], out[4096];
  setvbuf(stdin, in, _IOFBF, sizeof in); /* or it asks the kernel, which may be forbidden */
  setvbuf(stdout, out, _IOFBF, sizeof out);
  for (int i = 1; i < argc; i++)
    confine(argv[i]);
  serve((void *)"ready");
}
