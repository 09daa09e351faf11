// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/frames.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/runtime/library_call.h"

namespace care {

namespace {

using std::chrono::milliseconds;

constexpr char kLibgcc[] = "libgcc_s.so.1";
constexpr uint64_t kRtldNow = 2;              // RTLD_NOW
constexpr uint64_t kGlibcMode = 0x80000000;   // __RTLD_DLOPEN, for __libc_dlopen_mode
constexpr milliseconds kTimeToTakeBack(5000); // after a failed commit

void write_registration(const RemoteMemory &memory, const Region &region, size_t index) {
  memory.write(registration_place(region, index), encode_registration(region.registrations[index]));
}

size_t free_place(const Region &region) {
  auto it = std::find_if(region.registrations.begin(), region.registrations.end(),
                         [](const FrameRegistration &r) { return r.state == FrameState::none; });
  if (it == region.registrations.end())
    throw error(ExitCode::unsupported, "the process has more than {} unwinders", kMaxUnwinders);
  return static_cast<size_t>(it - region.registrations.begin());
}

bool knows(const Region &region, const Unwinder &unwinder) {
  return std::any_of(region.registrations.begin(), region.registrations.end(),
                     [&](const FrameRegistration &r) {
                       return r.state == FrameState::registered && r.remove == unwinder.remove &&
                              r.object_header == unwinder.object_header;
                     });
}

// In the work memory, behind libgcc's structure: what the call itself left there.
RemoteAddr done_word(const Region &region, size_t index) {
  return region.work() + (index * kUnwinderWork + kUnwinderWork - 8);
}

// The doctor may be killed at any point: before the call the header says that a
// registration may exist, after it that it does.
void register_with(const Target &target, InjectedCalls &calls, Region &region,
                   const Unwinder &unwinder) {
  size_t index = free_place(region);
  FrameRegistration &r = region.registrations[index];
  target.memory().write(done_word(region, index), std::string(4, '\0'));
  r = {FrameState::begun, unwinder.kind, unwinder.object_header, unwinder.remove};
  write_registration(target.memory(), region, index);
  RemoteAddr work = region.work() + index * kUnwinderWork;
  try {
    calls.call(unwinder.add, {region.eh_frame.value, work.value},
               {done_word(region, index), static_cast<uint32_t>(FrameState::registered)});
  } catch (const Error &e) {
    if (e.code() == ExitCode::unsafe) { // given up before it did anything
      r = {};
      write_registration(target.memory(), region, index);
    }
    throw;
  }
  r.state = FrameState::registered;
  write_registration(target.memory(), region, index);
  log_debug("{}: frames of {} registered", unwinder.object, region.object_name);
}

// Is the unwinder that a registration tells of still there? Its object can have been
// unloaded.
bool still_loaded(const Target &target, const FrameRegistration &r,
                  const std::vector<Unwinder> &unwinders) {
  if (std::any_of(unwinders.begin(), unwinders.end(), [&](const Unwinder &u) {
        return u.object_header == r.object_header && u.remove == r.remove;
      }))
    return true;
  const LoadedObject *object = find_object(target.objects(), r.remove);
  if (!object || object->header != r.object_header)
    return false;
  std::optional<Unwinder> linked_in = find_linked_in_unwinder(target, *object);
  return linked_in && linked_in->remove == r.remove;
}

// Places an argument where nothing else is: the work memory of one registration.
RemoteAddr write_text(const Target &target, RemoteAddr at, const char *text) {
  target.memory().write(at, std::string(text) + '\0');
  return at;
}

} // namespace

bool holds_registrations(const Region &region) {
  return std::any_of(region.registrations.begin(), region.registrations.end(),
                     [](const FrameRegistration &r) {
                       return r.state == FrameState::begun || r.state == FrameState::registered;
                     });
}

bool load_libgcc(Target &target, const Region &region, milliseconds timeout) {
  RemoteAddr open = find_function(target, "dlopen");
  uint64_t mode = kRtldNow;
  if (!open) { // glibc before 2.34 has dlopen in a library of its own, perhaps not loaded
    open = find_function(target, "__libc_dlopen_mode");
    mode |= kGlibcMode;
  }
  if (!open)
    return false;
  uint64_t handle = 0;
  RemoteAddr name = write_text(target, region.work(), kLibgcc);
  with_library_call(target, timeout, [&](InjectedCalls &calls) {
    handle = calls.call(open, {name.value, mode});
  });
  target.refresh();
  return handle != 0;
}

void settle_frames(const Target &target, Region &region) {
  for (size_t i = 0; i < region.registrations.size(); i++) {
    FrameRegistration &r = region.registrations[i];
    if (r.state != FrameState::begun)
      continue;
    // The word is that of the last call that came to its end.
    auto done = target.memory().read_value<uint32_t>(done_word(region, i));
    if (done > static_cast<uint32_t>(FrameState::removed))
      continue;
    r.state = static_cast<FrameState>(done);
    if (r.state == FrameState::none)
      r = {};
    write_registration(target.memory(), region, i);
  }
}

void register_frames(Target &target, Region &region, const std::vector<Unwinder> &linked_in,
                     milliseconds timeout) {
  std::vector<Unwinder> unwinders = find_unwinders(target.objects(), target.cache());
  unwinders.insert(unwinders.end(), linked_in.begin(), linked_in.end());
  std::erase_if(unwinders, [&](const Unwinder &u) { return knows(region, u); });
  if (unwinders.empty() || !region.eh_frame)
    return;
  with_library_call(target, timeout, [&](InjectedCalls &calls) {
    for (const Unwinder &unwinder : unwinders)
      register_with(target, calls, region, unwinder);
  });
}

void remove_frames(Target &target, Region &region, milliseconds timeout) {
  std::vector<Unwinder> unwinders = find_unwinders(target.objects(), target.cache());
  std::vector<size_t> present;
  for (size_t i = 0; i < region.registrations.size(); i++) {
    FrameRegistration &r = region.registrations[i];
    if (r.state != FrameState::registered)
      continue;
    if (still_loaded(target, r, unwinders)) {
      present.push_back(i);
    } else {
      r.state = FrameState::removed;
      write_registration(target.memory(), region, i);
    }
  }
  if (present.empty())
    return;
  with_library_call(target, timeout, [&](InjectedCalls &calls) {
    for (size_t i : present) {
      FrameRegistration &r = region.registrations[i];
      // libgcc aborts when it is asked a second time: while that is unknown, the doctor does not
      // ask.
      r.state = FrameState::begun;
      write_registration(target.memory(), region, i);
      try {
        calls.call(r.remove, {region.eh_frame.value},
                   {done_word(region, i), static_cast<uint32_t>(FrameState::removed)});
      } catch (const Error &e) {
        if (e.code() == ExitCode::unsafe) {
          r.state = FrameState::registered;
          write_registration(target.memory(), region, i);
        }
        throw;
      }
      r.state = FrameState::removed;
      write_registration(target.memory(), region, i);
    }
  });
}

void StagedFrames::add(Region &region, const std::vector<Unwinder> &linked_in,
                       milliseconds timeout) {
  regions_.push_back(&region);
  register_frames(target_, region, linked_in, timeout);
}

StagedFrames::~StagedFrames() {
  for (Region *region : regions_) {
    try {
      remove_frames(target_, *region, kTimeToTakeBack);
    } catch (const std::exception &e) {
      log_debug("cannot take the frames of {} back: {}", region->object_name, e.what());
    }
    if (holds_registrations(*region))
      staged_.leave(*region);
  }
}

} // namespace care
