// SPDX-License-Identifier: GPL-2.0-or-later
//
// The ELF objects that a process has loaded, found in its memory alone.
//
// No file is opened: the one on disk may have been deleted or replaced by an
// upgrade, or lie in another mount namespace. An object is a mapping whose
// first bytes are an ELF header and whose executable segments are mapped
// executable at the places the header asks for. A file that is mapped as mere
// data (an ELF file that a program reads, the dynamic linker's cache) fails
// that test and is passed over; one file loaded twice (dlmopen) is two objects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/address.h"
#include "lib/elf/dynamic_section.h"
#include "lib/process/maps.h"
#include "lib/process/memory.h"

namespace care {

struct Segment { // PT_LOAD
  LinkRange range;
  bool write = false;
  bool exec = false;
};

struct LoadedObject {
  std::string path;       // as /proc/PID/maps has it; "[vdso]" for the vdso
  std::string name;       // its last component
  std::string build_id;   // raw bytes, any length; empty when it has none
  RemoteAddr build_id_at; // where they stand
  LoadBias bias;
  RemoteRange range;    // from the first to the last byte of all segments, whole pages
  RemoteAddr header;    // where the ELF header is mapped
  bool fixed = false;   // ET_EXEC: linked for one address
  bool deleted = false; // the file is gone from its path
  std::vector<Segment> segments;
  std::optional<LinkRange> dynamic;      // PT_DYNAMIC
  std::optional<LinkRange> eh_frame_hdr; // PT_GNU_EH_FRAME
};

// In address order.
std::vector<LoadedObject> find_objects(const MemoryMap &map, CachedMemory &memory);

// What its dynamic section holds now; nothing when it has none, or it cannot be read.
std::vector<DynamicEntry> read_dynamic(const LoadedObject &object, CachedMemory &memory);

// The object one of whose executable segments holds `addr`, or null.
const LoadedObject *find_object(const std::vector<LoadedObject> &objects, RemoteAddr addr);

} // namespace care
