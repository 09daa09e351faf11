// SPDX-License-Identifier: GPL-2.0-or-later
//
// The dynamic linker's own list of objects, in the order in which it looks
// symbols up: struct r_debug (<link.h>), found the way debuggers find it, by
// DT_DEBUG in the main program's dynamic section.
//
// The list is read while the target runs and may dlopen: what is read is
// checked (a chain that does not end, or names something that is no object of
// the target, is cut), and used for look-ups alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/process/objects.h"
#include "lib/process/process.h"

namespace care {

struct LinkMapEntry {
  RemoteAddr at;                // struct link_map; 0 in a static program
  std::optional<size_t> object; // index into the objects; nothing for what is none of them
};
// One namespace's chain, in order.
using LinkMaps = std::vector<LinkMapEntry>;

// Base namespace first, then those of dlmopen (glibc 2.35 and later tell). A
// static program has one chain: itself.
std::vector<LinkMaps> read_link_maps(const Process &process,
                                     const std::vector<LoadedObject> &objects,
                                     CachedMemory &memory);

// The dynamic linker's structure for `object` (struct link_map, which is also its
// handle), or nothing: a static program, or an object that it did not load.
std::optional<RemoteAddr> find_link_map(const Process &process,
                                        const std::vector<LoadedObject> &objects,
                                        const LoadedObject &object, CachedMemory &memory);

// The same for whatever was loaded at `base` (LoadedObject or not: one without code).
std::optional<RemoteAddr> find_link_map_at(const Process &process,
                                           const std::vector<LoadedObject> &objects,
                                           RemoteAddr base, CachedMemory &memory);

// The names under which it knows objects, of all namespaces.
std::vector<std::string> link_map_names(const Process &process,
                                        const std::vector<LoadedObject> &objects,
                                        CachedMemory &memory);

enum class LinkerState {
  none, // a static program
  busy, // starting the program, or in the middle of dlopen or dlclose
  at_rest,
};
LinkerState linker_state(const Process &process, const std::vector<LoadedObject> &objects,
                         const RemoteMemory &memory);

// The main program among `objects`: the one that holds AT_PHDR, or that the dynamic
// linker loaded when it was itself started as the program. Null when it is not there.
const LoadedObject *main_program(const Process &process, const std::vector<LoadedObject> &objects,
                                 CachedMemory &memory);

// The dynamic linker, or null: a static program.
const LoadedObject *dynamic_linker(const Process &process, const std::vector<LoadedObject> &objects,
                                   CachedMemory &memory);

} // namespace care
