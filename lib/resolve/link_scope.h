// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the dynamic linker looks names up for one object: its scope.
//
// That is the program with what it was linked with, and what was opened with
// RTLD_GLOBAL since; behind it, for an object that came with a dlopen, what that dlopen
// brought. DT_SYMBOLIC and RTLD_DEEPBIND put the object's own first. Nothing else of the
// process counts, whether it is loaded or not.
//
// glibc keeps it as a list of lists, the field l_scope of its struct link_map. The place
// of that field differs from version to version and is in no header. It is found by what
// it must be: in the same place of every link map a pointer to a list, closed by a null
// pointer, of lists of link maps of this process, the program's own beginning with the
// program. Of some hundred words one is such a thing; when none is, or more than one, the
// scope is put together from what is public: the order of the link maps and DT_NEEDED.
#pragma once

#include <vector>

#include "lib/process/link_map.h"

namespace care {

struct LinkScope {
  std::vector<size_t> order; // indices into the vector of objects, each once
  std::vector<size_t> space; // all objects of its namespace, in order of loading
  bool exact = false;        // the dynamic linker's own; else the end is a guess
};

// Empty for an object that the dynamic linker does not know.
LinkScope read_link_scope(const Process &process, const std::vector<LoadedObject> &objects,
                          const LoadedObject &object, CachedMemory &memory);

} // namespace care
