// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines that stay as they are while the functions that they call, and those that
// resume and destroy them, are replaced. Each request resumes two of them: one that
// was suspended since the program began, and one that is new. `drop` destroys the old one.
#include <coroutine>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#define APART __attribute__((noinline))

std::string trace;

// The address goes somewhere that the compiler does not see: nothing is kept of what a
// destructor or a constructor of an object did.
APART void seen(const void *object) {
  asm volatile("" : : "r"(object) : "memory");
}

template<typename T>
struct Stream {
  struct promise_type {
    T value{};
    std::string error;
    Stream get_return_object() { return Stream(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) {
      value = v;
      return {};
    }
    void return_void() {}
    void unhandled_exception() {
      try {
        throw;
      } catch (const std::exception &e) {
        error = e.what();
      }
    }
  };
  using Handle = std::coroutine_handle<promise_type>;
  explicit Stream(Handle h) : handle(h) {}
  Stream(Stream &&other) noexcept : handle(other.handle) { other.handle = nullptr; }
  Stream &operator=(Stream &&other) noexcept {
    std::swap(handle, other.handle);
    return *this;
  }
  ~Stream() {
    if (handle)
      handle.destroy();
  }
  Handle handle;
};

// Lives in the frame.
struct Tally {
  int sum = 0;
  APART void add(int n) {
    sum += n;
    seen(this);
  }
  APART ~Tally() { trace += "~" + std::to_string(sum); }
};

APART int step(int n) {
  if (n > 50)
    throw std::runtime_error("over " + std::to_string(n));
  return n + 1;
}

Stream<int> count(int n) {
  Tally tally;
  for (;;) {
    tally.add(n);
    co_yield tally.sum;
    n = step(n);
  }
}

Stream<std::string> words(std::string text) {
  auto counter = count(static_cast<int>(text.size()));
  while (!counter.handle.done()) {
    counter.handle.resume();
    co_yield text + std::to_string(counter.handle.promise().value);
  }
}

template<typename T>
APART std::string next(Stream<T> &stream) {
  if (stream.handle.done())
    return "done";
  stream.handle.resume();
  std::string error = stream.handle.promise().error;
  if (!error.empty())
    return error;
  if constexpr (std::is_same_v<T, int>)
    return std::to_string(stream.handle.promise().value);
  else
    return stream.handle.promise().value;
}

APART std::string reply(const std::string &request, Stream<int> &old, Stream<std::string> &oldest) {
  trace.clear();
  if (request == "drop")
    old = count(10);
  std::string text = next(old) + ' ' + next(oldest);
  {
    auto fresh = count(static_cast<int>(request.size()) * 10);
    next(fresh);
    text += ' ' + next(fresh);
  }
  return text + ' ' + trace;
}

int main() {
  Stream<int> old = count(1);
  Stream<std::string> oldest = words("w");
  next(old);
  next(oldest);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << reply(line, old, oldest) << std::endl;
}
