// SPDX-License-Identifier: GPL-2.0-or-later
//
// A patch's unwind tables in the target's unwinders (unwinders.h): registered after
// staging and before the commit, so that no exception meets new code that the
// unwinder does not know; taken back after the patch is undone and before its memory
// goes away.
//
// The unwinder's functions take its lock, and allocate: they are called in a quiet
// thread while all others run (library_call.h).
//
// What is registered stands in the region's header, written before and after each
// step: begun, registered, removed. The memory of a region with a registration that
// is not known to be removed is never unmapped; a later doctor finds it there.
#pragma once

#include <chrono>
#include <vector>

#include "lib/runtime/stage.h"
#include "lib/runtime/unwinders.h"
#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

// Loads libgcc_s.so.1 in the target, as pthread_cancel would, and takes a new snapshot
// of it. `region` is staged: its work memory holds the name. False when there is no
// such library, or no way to load one.
bool load_libgcc(Target &target, const Region &region, std::chrono::milliseconds timeout);

// Registers the frames of `region` with all unwinders that do not know them. `region`
// gets the registrations. Throws Error unsafe when no thread could be borrowed or a
// lock was not to be had until `timeout`: nothing more was registered then.
void register_frames(Target &target, Region &region, const std::vector<Unwinder> &linked_in,
                     std::chrono::milliseconds timeout);

// What a dead doctor had begun in `region` has come to its end by now, or never will:
// no thread is in an injected call. Notes what came of it.
void settle_frames(const Target &target, Region &region);

// Takes back what the header of `region` says is registered. Throws Error unsafe as
// above; the region still says what is registered then.
void remove_frames(Target &target, Region &region, std::chrono::milliseconds timeout);

// May an unwinder hold pointers into it?
bool holds_registrations(const Region &region);

// Regions whose frames are taken back again when the transaction fails. Their memory
// stays, and `staged` lets go of it, when that is not possible.
class StagedFrames {
 public:
  StagedFrames(Target &target, StagedMemory &staged) : target_(target), staged_(staged) {}
  StagedFrames(const StagedFrames &) = delete;
  StagedFrames &operator=(const StagedFrames &) = delete;
  ~StagedFrames();

  // As register_frames(). `region` outlives this object.
  void add(Region &region, const std::vector<Unwinder> &linked_in,
           std::chrono::milliseconds timeout);
  void keep() { regions_.clear(); }

 private:
  Target &target_;
  StagedMemory &staged_;
  std::vector<Region *> regions_;
};

} // namespace care
