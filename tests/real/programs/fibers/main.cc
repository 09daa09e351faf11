// SPDX-License-Identifier: GPL-2.0-or-later
//
// Fibers of boost.context, the library as it is shipped: `enter` suspends one in the middle
// of work(), `leave` lets it come to its end, `inside` and `outside` say what stands.
#include <boost/context/fiber.hpp>
#include <iostream>
#include <string>
#include <vector>

namespace {

using boost::context::fiber;

[[gnu::noinline]] std::string work(fiber &other, const std::string &name) {
  other = std::move(other).resume();
  return name + " before";
}

} // namespace

int main() {
  std::vector<fiber> suspended;
  std::string line, answer;
  while (std::getline(std::cin, line)) {
    if (line == "enter") {
      fiber f([&](fiber &&other) {
        answer = work(other, std::to_string(suspended.size()));
        return std::move(other);
      });
      suspended.push_back(std::move(f).resume());
      answer = std::to_string(suspended.size());
    } else if (!suspended.empty()) {
      fiber f = std::move(suspended.back());
      suspended.pop_back();
      std::move(f).resume();
    }
    std::cout << answer << std::endl;
  }
}
