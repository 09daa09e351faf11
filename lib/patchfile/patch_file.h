// SPDX-License-Identifier: GPL-2.0-or-later
//
// A .kpatch file in memory: plain data, checked as a whole. What patch_reader.h
// returns and patch_writer.h takes; the tools between them know nothing of ELF.
//
// Offsets are offsets in the image (the loaded part of the patch, one
// contiguous piece of up to three protection groups); LinkAddr are link-time
// addresses of the target object, to which the doctor adds the load bias.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/address.h"
#include "lib/patchfile/format.h"

namespace care {

// A variable whose new value or size the author of the fix declared unimportant.
struct IgnoredSymbol {
  std::string name;
  std::string change; // empty: none was found
  std::string reason;
};

struct PatchMetadata {
  std::string build_id;    // raw bytes of the target's build-id, never empty
  std::string object_name; // base name of the target file; may be empty
  uint32_t level = 0;      // 0: none given
  std::string description;
  std::string tool_version;
  uint32_t spared = 0; // functions left alone since only their line numbers differ
  std::vector<IgnoredSymbol> ignored{};
  std::string name{}; // of a series of levels; empty: none given
  // What of the target is not that of the rebuild ("place (symbol): how"). The patch
  // neither replaces it nor refers to it. Empty: all of the target was proved.
  std::vector<std::string> unproved{};
};

// The protection groups of the image, in image order.
enum class Group { text = 0 /* r-x */, rodata = 1 /* r-- */, data = 2 /* rw- */ };
inline constexpr size_t kGroupCount = 3;

struct ImageRange {
  uint64_t offset = 0; // page-aligned for a group
  uint64_t size = 0;   // whole pages for a group; 0: the group is empty
  uint64_t end() const { return offset + size; }
};

struct ImageSection {
  std::string name;
  Group group = Group::text;
  uint64_t offset = 0; // in the image
  uint64_t size = 0;
  uint64_t align = 1;
  bool nobits = false;
  std::string bytes; // `size` bytes; empty when nobits
};

// What a relocation refers to: one of three kinds.
struct InsideTarget {
  uint64_t offset = 0; // in the image
};
struct ModuleTarget {
  LinkAddr addr; // in the target module
};
struct ImportTarget {
  size_t index = 0; // in PatchFile::imports
};
// A byte of the thread-local storage that the patch brings.
struct OwnTlsTarget {
  uint64_t offset = 0; // in PatchTls
};
// A byte of the target module's thread-local storage.
struct ModuleTlsTarget {
  uint64_t offset = 0; // from the start of its block
};
using RelocationTarget =
    std::variant<InsideTarget, ModuleTarget, ImportTarget, OwnTlsTarget, ModuleTlsTarget>;

struct PatchRelocation {
  uint64_t place = 0; // image offset of the first byte written; in PatchTls: from its start
  // R_X86_64_64, PC64 (8 bytes), PC32, PLT32, 32, 32S (4 bytes). Against thread-local
  // targets TPOFF64, DTPMOD64, DTPOFF64 (8 bytes).
  uint32_t type = 0;
  RelocationTarget target;
  int64_t addend = 0;
  std::string symbol; // name for messages; may be empty
};

// What kind of definition an import expects. `any` is STT_NOTYPE.
enum class ImportKind { any, function, object, tls };

struct PatchImport {
  std::string name;
  std::string version; // empty: unversioned
  ImportKind kind = ImportKind::any;
  bool weak = false; // may resolve to 0
  std::string text() const { return version.empty() ? name : name + "@" + version; }
};

// A named place in the image: new functions, stubs, new data.
struct PatchSymbol {
  std::string name;
  uint64_t offset = 0; // in the image
  uint64_t size = 0;
  bool function = false;
};

using Digest = std::array<uint8_t, kDigestSize>;

struct PatchFunction {
  RecordKind kind = RecordKind::changed_function;
  std::string name;   // the assembler symbol
  std::string reason; // why it counts as changed
  std::string source;
  LinkAddr original;          // up to the pad: 0 for something new
  uint64_t original_size = 0; // with the padding behind it that the jump runs into
  LinkAddr original_cold;
  uint64_t original_cold_size = 0;
  LinkAddr site; // first byte that the jump overwrites
  LinkAddr pad;  // 0, or: a 2-byte jump at the site leads to a 5-byte one here
  std::array<uint8_t, kJumpSize> pad_bytes{}; // of the target file at the pad
  // Image offset; of a new thread-local variable: in PatchTls.
  uint64_t replacement = 0;
  uint64_t replacement_size = 0;
  uint64_t replacement_cold = 0; // valid when the size is not 0
  uint64_t replacement_cold_size = 0;
  Digest digest{}; // BLAKE2b-256 of the original's bytes in the target file
  Digest cold_digest{};
  uint32_t flags = 0;

  uint64_t site_size() const { return pad ? kShortJumpSize : kJumpSize; }
  bool changes_code() const { return kind == RecordKind::changed_function; }
};

// A function that must not be on any stack although it does not change.
struct UnsafeFunction {
  std::string name;
  LinkAddr address;
  uint64_t size = 0;
};

// New thread-local variables: what each thread's copy begins with.
struct PatchTls {
  std::string bytes; // empty: the patch has none
  uint64_t align = 1;
  std::vector<PatchRelocation> relocations; // R_X86_64_64 only
};

// A function that runs while the target stands still, or the shadow table.
struct PatchHook {
  MarkKind kind = MarkKind::pre_apply;
  std::string name;
  uint64_t place = 0; // in the image
};

struct PatchFile {
  std::string path; // where it was read from; for messages
  PatchMetadata metadata;
  uint64_t image_size = 0;                      // whole pages
  std::array<ImageRange, kGroupCount> groups{}; // indexed by Group
  std::vector<ImageSection> sections;           // ascending by offset, disjoint
  std::vector<PatchSymbol> symbols;
  std::vector<PatchImport> imports;
  std::vector<PatchRelocation> relocations; // each place lies whole in a section with bytes
  PatchTls tls;
  std::vector<PatchFunction> functions; // changed, new, and new data
  std::vector<UnsafeFunction> unsafe;
  std::vector<PatchHook> hooks; // in the order they run in; at most one shadow table
};

// Letters, digits and -._+, at most 64 of them, the first a letter or a digit: a name
// goes into file names and messages. The empty name is one too.
bool valid_patch_name(std::string_view name);
// "level 3", "fix-length level 3".
std::string level_text(std::string_view name, uint32_t level);
// "b3cd..." of raw bytes.
std::string hex_text(std::string_view bytes);
// The section that holds [offset, offset + size), or null.
const ImageSection *find_section(const PatchFile &patch, uint64_t offset, uint64_t size);
// Bytes that a relocation of this type writes: 4, 8, or 0 for a type unknown here.
unsigned relocation_width(uint32_t type);
// TPOFF64, DTPMOD64, DTPOFF64: against thread-local targets, and only they are.
bool is_tls_relocation(uint32_t type);
// "R_X86_64_PC32", or the number.
std::string relocation_name(uint32_t type);
// "pre-apply hook", "shadow table".
const char *mark_name(MarkKind kind);
// BLAKE2b-256 of `bytes`.
Digest digest_of(std::string_view bytes);
std::string hex_text(const Digest &digest);

} // namespace care
