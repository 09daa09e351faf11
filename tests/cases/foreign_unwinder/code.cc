// SPDX-License-Identifier: GPL-2.0-or-later
#include <iostream>
#include <stdexcept>
#include <string>

__attribute__((noinline)) void refuse(const std::string &what) {
  throw std::runtime_error("no " + what);
}

__attribute__((noinline)) std::string judge(const std::string &what) {
  try {
    refuse(what);
  } catch (const std::runtime_error &e) {
    return std::string("caught ") + e.what();
  }
  return what;
}

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << judge(line) << std::endl;
}
