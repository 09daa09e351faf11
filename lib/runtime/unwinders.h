// SPDX-License-Identifier: GPL-2.0-or-later
//
// The unwinders of a process: the code that carries exceptions, pthread_cancel() and
// backtrace() through the stack. Each finds the tables of loaded objects by itself
// and has to be told of all others, such as a patch's.
//
//   libgcc_s.so.1        takes new tables by __register_frame_info(.eh_frame, memory
//                        for its record). gcc 12 and older keep a list under a lock
//                        and sort at the first look-up; 13 and newer keep a tree.
//   LLVM's libunwind.so  has functions of the same names that do nothing; its own is
//                        __unw_add_dynamic_eh_frame_section(.eh_frame).
//   -static-libgcc       the same as libgcc_s, but its functions are in no dynamic
//                        symbol table: found when the object's file has a .symtab.
//   others               (libunwind.so.8 in front of libgcc_s) take nothing.
//
// Not seen: unwinders linked into stripped objects that are not being patched. An
// exception that such an object throws does not pass through new code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/patchfile/patch_file.h"
#include "lib/resolve/imports.h"
#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

struct Unwinder {
  std::string object; // name, for messages
  RemoteAddr object_header;
  UnwinderKind kind = UnwinderKind::gcc;
  RemoteAddr add;
  RemoteAddr remove;
};

// Those that say by their dynamic symbols what they are.
std::vector<Unwinder> find_unwinders(const std::vector<LoadedObject> &objects,
                                     CachedMemory &memory);

// The one that is linked into `object`, by the symbol table of its file.
std::optional<Unwinder> find_linked_in_unwinder(const Target &target, const LoadedObject &object);

// What the frames of one patch need.
struct FramePlan {
  // The patch has frames, and some code in the process unwinds, or may.
  bool needed = false;
  // Unwinders that only this patch's object knows of.
  std::vector<Unwinder> linked_in;
  // No unwinder is loaded, but the C library would load it when it is needed: by
  // pthread_cancel, pthread_exit, backtrace.
  bool load_libgcc = false;
};

// Throws Error unsupported, naming the unwinder, when the patch catches exceptions or
// cleans up behind them and its unwinder takes no new frames. A patch that does
// neither gets a warning instead.
FramePlan plan_frames(const Target &target, const LoadedObject &object, const PatchFile &patch,
                      const ImportScope &scope, CachedMemory &memory,
                      std::vector<std::string> &warnings);

} // namespace care
