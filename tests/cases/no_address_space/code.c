#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "case.h"

#define MIB (1ul << 20)
#define PAGE 4096ul

static char maps[1 << 20];
static unsigned long mapped;

/* [begin, end) is free: takes it, but for holes of some pages, 64 MiB apart. */
static void take(unsigned long begin, unsigned long end, unsigned long hole) {
  while (begin < end) {
    unsigned long piece = end - begin < 64 * MIB ? end - begin : 64 * MIB;
    if (piece > hole && mmap((void *)begin, piece - hole, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
                             0) != MAP_FAILED)
      mapped += piece - hole;
    begin += piece;
  }
}

/* All that is within 2 GiB of this code and free. */
static void fill(unsigned long hole) {
  unsigned long here = (unsigned long)fill;
  unsigned long low = here > 2200 * MIB ? (here - 2200 * MIB) & -MIB : 16 * PAGE;
  unsigned long high = (here + 2200 * MIB) & -MIB, at = low;
  int fd = open("/proc/self/maps", O_RDONLY);
  size_t size = 0;
  for (ssize_t n; (n = read(fd, maps + size, sizeof maps - 1 - size)) > 0;)
    size += (size_t)n;
  close(fd);
  maps[size] = '\0';
  if (high > 0x7ffffffff000)
    high = 0x7ffffffff000;
  for (char *line = maps; *line; line = strchr(line, '\n') + 1) {
    char *dash;
    unsigned long begin = strtoul(line, &dash, 16), end = strtoul(dash + 1, NULL, 16);
    char *name = strchr(line, '['), *next = strchr(line, '\n');
    /* A few pages for the stack to grow into. */
    unsigned long room = name && name < next && !strncmp(name, "[stack]", 7) ? 4 * MIB : 0;
    if (begin > at + room)
      take(at, begin - room < high ? begin - room : high, hole);
    if (end > at)
      at = end;
  }
  take(at, high, hole);
}

__attribute__((noipa)) const char *word(void) {
  return "before";
}

void answer(const char *request, char *reply) {
  if (strncmp(request, "fill ", 5) == 0) {
    fill(strtoul(request + 5, NULL, 10) * PAGE);
    strcpy(reply, mapped > 2000 * MIB ? "filled" : "not filled");
  } else {
    strcpy(reply, word());
  }
}
