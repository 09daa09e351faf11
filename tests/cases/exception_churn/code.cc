// SPDX-License-Identifier: GPL-2.0-or-later
//
// Threads that throw all the time, now and then through the function that is patched.
#include <atomic>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

// Callers must not learn from callees which registers those leave alone, or they
// change along.
#ifdef __clang__
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE __attribute__((noipa))
#endif

std::atomic<uint64_t> thrown, caught, cleaned;
std::atomic<bool> stop;

struct Guard {
  ~Guard() { cleaned++; }
};

NOINLINE void fling(int i) {
  thrown++;
  if (i % 2)
    throw std::runtime_error("x");
  throw i;
}

NOINLINE void pass(int i) {
  Guard guard;
  fling(i);
}

NOINLINE void keep(int i) {
  try {
    pass(i);
  } catch (int) {
    caught++;
  }
}

NOINLINE void elsewhere(int i) {
  Guard guard;
  fling(i);
}

void work() {
  for (int i = 0; !stop; i++) {
    try {
      if (i % 32 < 2)
        keep(i);
      else
        elsewhere(i);
    } catch (int) {
      caught++;
    } catch (const std::exception &) {
      caught++;
    }
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; i++)
    threads.emplace_back(work);
  uint64_t last = 0;
  for (std::string line; std::getline(std::cin, line);) {
    while (caught == last) // all of them go on
      std::this_thread::yield();
    last = caught;
    std::cout << "throwing" << std::endl;
  }
  stop = true;
  for (std::thread &t : threads)
    t.join();
  return thrown == caught && thrown == cleaned ? 0 : 1;
}
