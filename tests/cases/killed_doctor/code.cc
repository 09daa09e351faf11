// SPDX-License-Identifier: GPL-2.0-or-later
//
// A thread stays in the function that the fix changes, so that the doctor waits.
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

static int ready[2], done[2];

__attribute__((noinline)) std::string judge(const std::string &what) {
  char c = 'x';
  try {
    if (what == "stay" && (write(ready[1], &c, 1) != 1 || read(done[0], &c, 1) != 1))
      return "failed";
    throw std::runtime_error("before");
  } catch (const std::runtime_error &e) {
    return what + " " + e.what();
  }
}

int main() {
  if (pipe(ready) != 0 || pipe(done) != 0)
    return 1;
  std::thread thread;
  for (std::string line; std::getline(std::cin, line);) {
    char c = 'x';
    std::string reply = line;
    if (line == "stay") {
      thread = std::thread([] { judge("stay"); });
      if (read(ready[0], &c, 1) != 1)
        return 1;
    } else if (line == "leave") {
      if (write(done[1], &c, 1) == 1)
        thread.join();
    } else {
      reply = judge(line);
    }
    std::cout << reply << std::endl;
  }
}
