// A server of two threads that throw through the patched function all the while. Its fix
// brings frames, a thread-local variable, a hook and new data: all that a patch leaves in
// a process and has to take along.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <malloc.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>

#include <link.h>

std::atomic<bool> over{false};
std::atomic<long> answers{0};
int applied = 0;

__attribute__((noinline)) int weigh(const char *text) {
  try {
    if (text[0] != 'x')
      throw std::runtime_error(text);
  } catch (const std::runtime_error &e) {
    return static_cast<int>(strlen(e.what()));
  }
  return -1;
}

static void work() {
  while (!over) {
    int got = weigh("four");
    if (got != 4 && got != 104 && got != 204)
      abort();
    answers++;
    poll(nullptr, 0, 1);
  }
}

static int count_object(dl_phdr_info *, size_t, void *count) {
  return ++*static_cast<int *>(count), 0;
}

// Bytes in use, and objects that the dynamic linker knows.
int main() {
  std::thread threads[] = {std::thread(work), std::thread(work)};
  for (char line[100]; fgets(line, sizeof line, stdin);) {
    int objects = 0;
    dl_iterate_phdr(count_object, &objects);
    printf("%zu bytes, %d objects, weigh %d\n", mallinfo2().uordblks, objects, weigh("four"));
    fflush(stdout);
  }
  over = true;
  for (std::thread &thread : threads)
    thread.join();
}
