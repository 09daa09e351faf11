// SPDX-License-Identifier: GPL-2.0-or-later
//
// The region: what a patch leaves in the process it is applied to, and all that
// a later doctor needs to show it and to undo it. There is no state elsewhere.
//
//     self                 +-----------------------+  r--   header: RegionHeader,
//                          | header                |        hunks, texts
//     self + header_size   +-----------------------+  r-x   the image of the
//                          | code                  |        .kpatch file: its
//                          +-----------------------+  r--   groups, as
//                          | constants             |        docs/patch-format.rst
//                          +-----------------------+  rw-   describes them
//                          | data                  |
//                          +-----------------------+  rw-   work memory: what the
//                          | work                  |        target's runtime keeps
//     self + total_size    +-----------------------+        about the patch
//
// Where there is no room for all of it near the object only the image lies there, and
// header and work memory stand together wherever there is room: a split region.
//
// A region is found by looking at every page of anonymous private r-- memory: its
// first bytes are the magic, and its `self` is the address where it stands.
// fork hands it down, exec does away with it, both as they should.
//
// The target may have written over anything it likes, on purpose too: whatever is
// read is checked before it is used, and a region that fails is none.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.h"
#include "lib/patchfile/patch_file.h"
#include "lib/process/maps.h"
#include "lib/process/memory.h"

namespace care {

inline constexpr char kRegionMagic[16] = {'l', 'i', 'b', 'c', 'a', 'r', 'e', '-',
                                          'r', 'e', 'g', 'i', 'o', 'n', '1', '\0'};
inline constexpr uint32_t kRegionVersion = 1;
// Offset of the state in the header: it is written alone, at the moment that counts.
inline constexpr uint64_t kRegionStateOffset = 20;

enum class RegionState : uint32_t {
  staged = 1,    // written, nothing leads to it yet
  committed = 2, // the jumps stand
  undone = 3,    // the original code is back; waiting to be unmapped
};

// Unwinders that one patch can be registered with. A process has one; each namespace
// of dlmopen, and each library linked with -static-libgcc, brings its own.
inline constexpr size_t kMaxUnwinders = 8;
// Work memory for each of them: libgcc's struct object has 48 or 56 bytes.
inline constexpr uint64_t kUnwinderWork = 128;

enum class FrameState : uint32_t {
  none = 0,       // an unused place
  begun = 1,      // a doctor was about to register: unknown whether it did
  registered = 2, // the unwinder holds pointers into the region
  removed = 3,    // it did, and does not any more
};

enum class UnwinderKind : uint32_t { none = 0, gcc = 1, llvm = 2 };

// The patch's unwind tables, known to one unwinder of the target.
struct FrameRegistration {
  FrameState state = FrameState::none;
  UnwinderKind kind = UnwinderKind::none;
  RemoteAddr object_header; // of the object that holds the unwinder
  RemoteAddr remove;        // its function that takes them back
};

// Who staged a region: pids mean something in one pid namespace only.
struct DoctorIdentity {
  uint64_t pid = 0;
  uint64_t start_time = 0;    // field 22 of /proc/PID/stat
  uint64_t pid_namespace = 0; // inode of /proc/PID/ns/pid
};

// One function's way to its replacement: a jump, or a short jump to a pad where the
// jump stands.
struct Hunk {
  std::string name;
  RemoteAddr site;
  std::array<uint8_t, kJumpSize> saved{}; // the bytes before; site_size() of them count
  std::array<uint8_t, kJumpSize> jump{};  // the bytes now
  RemoteAddr pad;                         // 0: none
  std::array<uint8_t, kJumpSize> pad_saved{};
  std::array<uint8_t, kJumpSize> pad_jump{};
  RemoteRange original;
  RemoteRange original_cold; // empty when there is none
  RemoteRange replacement;
  RemoteRange replacement_cold;

  uint64_t site_size() const { return pad ? kShortJumpSize : kJumpSize; }
};

// A hook of the patch, its shadow table, or the body of a coroutine of its own.
struct RegionHook {
  MarkKind kind = MarkKind::pre_apply;
  std::string name;
  RemoteAddr at;
};

struct Region {
  RemoteAddr self;
  uint64_t header_size = 0;                     // whole pages
  uint64_t total_size = 0;                      // all of it, whole pages
  uint64_t work_size = 0;                       // whole pages, the last of the region
  std::array<ImageRange, kGroupCount> groups{}; // offsets from the image
  RegionState state = RegionState::staged;
  LoadBias bias;            // of the object
  RemoteAddr object_header; // where the object's ELF header stood when it was applied
  RemoteAddr eh_frame_hdr;  // 0: the patch has no unwind table
  RemoteAddr eh_frame;      // likewise
  uint64_t applied_at = 0;  // seconds since 1970
  std::string name;         // of the patch; may be empty
  uint32_t level = 0;
  Digest digest{}; // BLAKE2b-256 of the .kpatch file
  std::string build_id;
  std::string object_name;
  std::string description;
  std::string ignored; // "NAME: REASON" lines
  std::vector<Hunk> hunks;
  std::array<FrameRegistration, kMaxUnwinders> registrations{};
  DoctorIdentity doctor;
  std::vector<RegionHook> hooks;
  RemoteAddr tls_handle;  // of dlopen(): the patch's thread-local variables; 0: it has none
  RemoteAddr split_image; // of a split region: where the image is; otherwise 0

  uint64_t image_size() const { return total_size - header_size - work_size; }
  RemoteAddr image() const { return split_image ? split_image : self + header_size; }
  RemoteAddr work() const { return self + header_size + (split_image ? 0 : image_size()); }
  RemoteRange image_range() const { return {image(), image() + image_size()}; }
  // What is mapped: one range, or two of a split region, that of `self` first.
  std::vector<RemoteRange> parts() const {
    if (!split_image)
      return {{self, self + total_size}};
    return {{self, self + header_size + work_size}, image_range()};
  }
  RemoteRange code() const {
    const ImageRange &text = groups[static_cast<size_t>(Group::text)];
    return {image() + text.offset, image() + text.end()};
  }
};

// Size of the header that `region` will need, whole pages. `self` and addresses
// may still be open.
uint64_t region_header_size(const Region &region);

// Where registration `index` lies in the header, and its bytes: a place that is
// written alone while the region is in use.
RemoteAddr registration_place(const Region &region, size_t index);
std::string encode_registration(const FrameRegistration &registration);

// Where tls_handle lies in the header (8 bytes), to be cleared once it is closed.
RemoteAddr tls_handle_place(const Region &region);

// The header's bytes, header_size of them.
std::string encode_region(const Region &region);

// The header that stands at `at`, or nothing when it is none.
std::optional<Region> decode_region(RemoteAddr at, std::string_view bytes);

// All regions of a process, in address order.
std::vector<Region> find_regions(const MemoryMap &map, const RemoteMemory &memory);

// What memory holds at the places that the region writes to.
struct Standing {
  size_t all = 0;       // jumps of the region
  size_t jumps = 0;     // that stand
  size_t originals = 0; // places where the bytes from before stand
  size_t functions = 0; // all of whose jumps stand
};
Standing count_standing(const Region &region, const RemoteMemory &memory);

// Do all of the region's jumps stand? Not so when the object was unloaded and
// loaded again at the same place: then the patch is gone and the region a leftover.
bool region_in_force(const Region &region, const RemoteMemory &memory);

} // namespace care
