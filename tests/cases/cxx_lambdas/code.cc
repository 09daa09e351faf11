// SPDX-License-Identifier: GPL-2.0-or-later
// Function objects that were made before the patch go on to call their own lambda,
// though the compiler numbers lambdas in the order of the source.
#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#define APART __attribute__((noinline))

namespace {

int offset = 5;

struct Rule {
  std::function<int(int)> apply;
};

APART std::vector<Rule> rules(int seed) {
  std::vector<Rule> all;
  all.push_back({[seed](int n) { return n + seed; }});
  all.push_back({[seed](int n) { return n * seed; }});
  all.push_back({[](int n) { return n - offset; }});
  return all;
}

APART int by_size(std::vector<int> &numbers) {
  std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a < b; });
  return numbers.front();
}

} // namespace

int main() {
  std::vector<Rule> old = rules(2);
  for (std::string line; std::getline(std::cin, line);) {
    int n = std::stoi(line);
    for (const Rule &rule : old)
      std::cout << rule.apply(n) << ' ';
    std::cout << '|';
    for (const Rule &rule : rules(3))
      std::cout << ' ' << rule.apply(n);
    std::vector<int> numbers = {4, 1, n};
    std::cout << " | " << by_size(numbers) << std::endl;
  }
}
