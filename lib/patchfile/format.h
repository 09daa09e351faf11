// SPDX-License-Identifier: GPL-2.0-or-later
//
// The structures of the .kpatch file and of the sections that lead to it, as
// they lie on disk. docs/patch-format.rst is the prose; where the two differ
// one of them is a bug.
//
// All numbers are little endian, which is what x86-64 has: the structures are
// copied in and out with memcpy, never pointed at, since nothing promises that
// a section of a stranger's file is aligned.
#pragma once

#include <cstddef>
#include <cstdint>

namespace care {

inline constexpr uint32_t kPatchFormatVersion = 1;
// Unit of protection, and the alignment of the groups of the image.
inline constexpr uint64_t kImagePage = 4096;
// An image has to lie within reach of its target (2 GiB): more than this is no patch.
inline constexpr uint64_t kMaxImageSize = uint64_t{1} << 30;
// What a dynamic linker keeps free for libraries that come late is smaller by far.
inline constexpr uint64_t kMaxTlsSize = uint64_t{1} << 16;

// ---- .note.kpatch ---------------------------------------------------------------
inline constexpr const char kNoteOwner[] = "kpatch";
enum class PatchNote : uint32_t {
  build_id = 1,       // of the target, the bytes
  format_version = 2, // u32
  object_name = 3,    // text without NUL
  patch_level = 4,    // u32
  description = 5,    // text
  tool_version = 6,   // text
  ignored = 7,        // NAME NUL CHANGE NUL REASON, one note for each
  spared = 8,         // u32; left out when 0
  name = 9,           // text, see valid_patch_name(); left out when empty
  unproved = 10,      // text: something of the target that differs; one note for each
};

// ---- .kpatch.info of the instrumented link (kpatch_gensrc -> kpatch_tool) ----------
enum class RecordKind : uint32_t {
  changed_function = 1,
  new_function = 2,
  new_data = 3,
  new_tls = 4, // thread-local variable
};

// LinkRecord::flags of something new: no other file of the link may define the name.
constexpr uint32_t kOnlyDefinition = 1;
// New under another name, of a COMDAT group: where the link has the name itself, that
// one is meant.
constexpr uint32_t kShared = 2;

struct LinkRecord {
  uint64_t original;         // link address; 0 for something new
  uint64_t replacement;      // link address
  uint64_t original_cold;    // link address of the .cold part, or 0
  uint64_t replacement_cold; // the same of the replacement
  uint64_t name;             // offsets in .kpatch.strtab
  uint64_t reason;
  uint64_t source;
  uint32_t kind;  // RecordKind
  uint32_t flags; // kOnlyDefinition, kShared or 0
};
static_assert(sizeof(LinkRecord) == 64);
static_assert(offsetof(LinkRecord, name) == 32 && offsetof(LinkRecord, kind) == 56);

// ---- .kpatch.info of the .kpatch file ----------------------------------------------
inline constexpr char kInfoMagic[8] = {'K', 'P', 'I', 'N', 'F', 'O', '1', '\0'};

struct InfoHeader {
  char magic[8];
  uint32_t count;
  uint32_t record_size; // sizeof(InfoRecord)
};
static_assert(sizeof(InfoHeader) == 16);

inline constexpr size_t kDigestSize = 32; // BLAKE2b-256

struct InfoRecord {
  uint64_t original; // link address in the target; 0 for something new
  uint64_t original_size;
  uint64_t original_cold; // link address, or 0
  uint64_t original_cold_size;
  uint64_t site;        // link address of the first byte that the jump overwrites
  uint64_t replacement; // image offset
  uint64_t replacement_size;
  uint64_t replacement_cold; // image offset, valid when its size is not 0
  uint64_t replacement_cold_size;
  uint64_t pad;         // link address of the pad of a short jump, or 0
  uint8_t pad_bytes[8]; // what stands in its first kJumpSize bytes; the rest is 0
  uint8_t digest[kDigestSize];
  uint8_t cold_digest[kDigestSize]; // zero when there is no cold part
  uint32_t name;                    // offsets in .kpatch.strtab
  uint32_t reason;
  uint32_t source;
  uint32_t kind; // RecordKind
  uint32_t flags;
  uint32_t zero;
};
static_assert(sizeof(InfoRecord) == 176);
static_assert(offsetof(InfoRecord, site) == 32 && offsetof(InfoRecord, digest) == 88);
static_assert(offsetof(InfoRecord, name) == 152 && offsetof(InfoRecord, flags) == 168);

// ---- .kpatch.unsafe ------------------------------------------------------------------
struct UnsafeRecord {
  uint64_t address; // link address in the target
  uint64_t size;
  uint32_t name; // offset in .kpatch.strtab
  uint32_t zero;
};
static_assert(sizeof(UnsafeRecord) == 24);

// ---- .kpatch.marks of the instrumented link (kpatch_gensrc -> kpatch_tool) ---------
// What the macros of kpatch.h say. The first five go on into .kpatch.hooks.
enum class MarkKind : uint32_t {
  pre_apply = 1, // int fn(void): not 0 refuses
  post_apply = 2,
  pre_undo = 3, // int fn(void): not 0 refuses
  post_undo = 4,
  shadow_table = 5, // no hook: the table of shadow variables
  ignore = 6,       // text: CHANGE newline REASON
  unsafe = 7,
  coroutine = 8, // in regions only: the body of a coroutine that the patch brings
};

struct MarkRecord {
  uint64_t address; // link address; 0 for `ignore`
  uint64_t name;    // offsets in .kpatch.strtab
  uint64_t text;
  uint32_t kind; // MarkKind
  uint32_t zero;
};
static_assert(sizeof(MarkRecord) == 32);

// ---- .kpatch.hooks -------------------------------------------------------------------
struct HookRecord {
  uint64_t place; // image offset
  uint32_t name;  // offset in .kpatch.strtab
  uint32_t kind;  // MarkKind, 1 to 5
};
static_assert(sizeof(HookRecord) == 16);

// struct kpatch_shadow_table of kpatch.h, and its member that is set while a hook runs.
inline constexpr uint64_t kShadowTableSize = 56;
inline constexpr uint64_t kShadowInHookOffset = 4;

// The jump that leads from a patch site to the replacement: e9 rel32.
inline constexpr uint64_t kJumpSize = 5;
// The jump that leads from a short function to its pad, where the above stands: eb rel8.
inline constexpr uint64_t kShortJumpSize = 2;

} // namespace care
