// SPDX-License-Identifier: GPL-2.0-or-later
//
// Getting all threads out of forbidden code at the same moment.
//
// Stopping a process at random moments does not find one where no thread is inside when
// each of several threads is inside most of the time. So threads are collected:
//
//   Watch. What is inside runs on, but stops where it enters or leaves the kernel, where
//   one sees at once that it has left: so a thread is caught that sleeps inside nearly
//   all of its time. One that runs inside is looked at now and then as well. Whoever is
//   caught outside stays stopped until the last of them is, for kMaxHold at most. All
//   other threads run.
//
//   Chase. Then, with those held, all others are stopped. Should one of them have got in
//   meanwhile, it is let out in the same way while everybody else stands still, for
//   kMaxHold again; less when it sleeps inside, since a stopped thread may be
//   what it waits for.
//
// The price: a thread that no other waits for stands still for kMaxHold more at most, and
// only when those inside were all caught; threads that are watched are slower in their
// system calls. Nothing of it outlives the doctor (stopped_threads.h).
//
// Not found: a moment outside that is only some instructions long and has no system
// call, as in `for (;;) f();` when f sleeps. That takes a breakpoint.
#pragma once

#include <functional>

#include "lib/unwind/safety.h"

namespace care {

// For how long a thread stands still for the sake of others that are inside.
constexpr std::chrono::milliseconds kMaxHold(10);

struct ClearRequest {
  Clock::time_point until; // when to give up
  // How long all threads together may take to stop.
  std::chrono::microseconds stop_limit{};
  // Called once when it does not succeed at first, while most of the target runs.
  std::function<void(const Obstacle &)> waiting;
  // Called when the target has run since the first stop, before it is stopped again.
  std::function<void()> before_stop;
};

// All threads stand still. Nothing returned: they do so again, and none is inside.
// Otherwise the first thing that was in the way; some threads may run then. `stats` is
// of the last look at all threads. Throws Error no_process.
std::optional<Obstacle> drain_threads(StoppedThreads &threads, const SafetyQuestion &question,
                                      const RemoteMemory &memory, const ClearRequest &request,
                                      SafetyStats &stats);

} // namespace care
