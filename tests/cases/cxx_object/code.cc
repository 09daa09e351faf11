// SPDX-License-Identifier: GPL-2.0-or-later
// A counter that the fix gives a memory: an object with a constructor.
#include <iostream>
#include <string>

#define APART __attribute__((noinline))

namespace {

int requests;

APART std::string reply(const std::string &line) {
  return line + ' ' + std::to_string(++requests);
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << reply(line) << std::endl;
}
