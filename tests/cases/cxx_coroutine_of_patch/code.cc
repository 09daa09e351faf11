// SPDX-License-Identifier: GPL-2.0-or-later
// The fix brings a coroutine, which stays suspended until `drop`.
#include <coroutine>
#include <iostream>
#include <string>

struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<> handle;
};

std::coroutine_handle<> kept;

__attribute__((noinline)) std::string work(const std::string &request) {
  return request + " before";
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "drop" && kept) {
      kept.destroy();
      kept = nullptr;
    }
    std::cout << work(line) << std::endl;
  }
}
