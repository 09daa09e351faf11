// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every way of an exception through code that the fix changes.
#include <memory>
#include <stdexcept>
#include <string>

#define NOINLINE __attribute__((noinline))

extern std::string log_text;

namespace {

struct Guard {
  explicit Guard(const char *name) : name_(name) {}
  ~Guard() { log_text += std::string(" ~") + name_; }
  const char *name_;
};

// Never changed: throws on behalf of others.
NOINLINE void fling(const std::string &what) {
  if (what == "number")
    throw 42;
  throw std::runtime_error("old " + what);
}

// Throws by itself, from its cold part when there is one.
NOINLINE void refuse(const std::string &what) {
  Guard guard("refuse");
  if (__builtin_expect(what == "refuse", 0))
    throw std::runtime_error("refused");
  log_text += " passed";
}

NOINLINE void rethrow(const std::string &what) {
  try {
    fling(what);
  } catch (const std::exception &) {
    log_text += " rethrow";
    throw;
  }
}

} // namespace

// Exceptions pass through it, destructors run.
void pass(const std::string &what) {
  Guard outer("outer");
  auto memory = std::make_unique<std::string>("p");
  Guard inner("inner");
  fling(what + *memory);
}

// Catches some.
std::string keep(const std::string &what) {
  try {
    pass(what);
  } catch (const std::logic_error &) {
    return " wrong";
  } catch (const std::runtime_error &e) {
    return std::string(" kept ") + e.what();
  }
  return " nothing";
}

void quiet(const std::string &what) noexcept {
  fling(what);
}

void enter(const std::string &what) {
  Guard guard("enter");
  if (what == "refuse")
    refuse(what);
  else if (what == "rethrow")
    rethrow(what);
  else
    fling(what);
}
