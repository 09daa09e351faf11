// clang has what stands in front of the first suspension in the function that makes the
// frame: it may change, as no frame exists yet.
#include <coroutine>
struct Numbers {
  struct promise_type {
    int value;
    Numbers get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int v) { value = v; return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};
int log(int);
Numbers count(int a) {
  log(a);
  for (;; a++)
    co_yield a;
}
int next(Numbers &n) { n.handle(); return n.handle.promise().value; }
