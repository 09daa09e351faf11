// SPDX-License-Identifier: GPL-2.0-or-later
//
// What both directions of a transaction (transaction.cc, undo.cc) share; no other file
// includes it.
#pragma once

#include <iterator>
#include <utility>

#include "lib/base/error.h"
#include "lib/transaction/transaction.h"

namespace care {

// Tells the time since it was asked last.
class Laps {
 public:
  std::chrono::nanoseconds next() {
    Clock::time_point before = std::exchange(last_, Clock::now());
    return last_ - before;
  }

 private:
  Clock::time_point last_ = Clock::now();
};

template<typename T>
void append(std::vector<T> &to, std::vector<T> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

ObjectReport report_of(const Region &region, const std::string &object, ObjectResult result);

// What both directions take from the options. `force` is not among it: it makes each do
// something else.
CommitRequest empty_request(const TransactionOptions &options);

// What cannot be taken away now is taken away by the next command.
void remove_unused(Target &target, const std::vector<Region> &regions,
                   const TransactionOptions &options, ProcessReport &report);

// What earlier patches left: undone ones that were in use, those of killed doctors, and
// those whose object the target has unloaded.
void remove_leftovers(Target &target, const std::vector<Region> &regions,
                      const TransactionOptions &options, ProcessReport &report);

// Whatever goes wrong when the process is no longer the one that was looked at, that is
// the reason.
template<typename Body>
ProcessReport with_process(const Target &target, Body &&body) {
  return with_context(target.process().text(), [&] {
    try {
      return body();
    } catch (const std::exception &) {
      target.check_same_program();
      throw;
    }
  });
}

} // namespace care
