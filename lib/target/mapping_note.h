// SPDX-License-Identifier: GPL-2.0-or-later
//
// A note in the target that address space is about to be taken: between the call that
// maps a region and the header that makes it known lies a moment in which a doctor can
// die. The note stands behind the trampoline's code (lib/process/trampoline.h) and is wiped out
// when the header stands.
//
// A later doctor gives back what the note names, if it is still what mmap made of it:
// private, anonymous, read-only, and nothing in it but zeros.
#pragma once

#include <vector>

#include "lib/target/region.h"
#include "lib/target/target.h"

namespace care {

struct MappingNote {
  DoctorIdentity doctor;
  std::vector<RemoteRange> parts; // up to two
};

// Empty: wipes the note out.
void write_mapping_note(const RemoteMemory &memory, ReturnTrampoline trampoline,
                        const MappingNote &note);

// What a dead doctor mapped and never filled. Empty as a rule.
std::vector<RemoteRange> abandoned_parts(const Target &target);

} // namespace care
