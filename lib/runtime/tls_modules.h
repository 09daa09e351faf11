// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the thread-local blocks of loaded objects are.
//
// Each object with thread-local variables has a module number, by which a thread's
// table finds its block. Blocks that were known when the program started, and some
// later ones, also lie at a fixed distance from the thread pointer ("static"); the
// others are allocated in each thread at first use ("dynamic").
//
// The dynamic linker keeps both in its private part of struct link_map. Their places
// there are read from the descriptions that it publishes for debuggers (the
// _thread_db_* symbols that glibc's nptl_db/structs.def makes); without those, from
// relocated words of the object itself (DTPMOD64, TPOFF64), if it has any.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/target/target.h"

namespace care {

struct TlsModule {
  uint64_t module = 0; // 0: unknown
  // From the thread pointer to the block's first byte; nothing when the block is
  // dynamic or the place unknown.
  std::optional<int64_t> offset;
};

// `object` is one of target.objects().
TlsModule find_tls_module(Target &target, const LoadedObject &object);

} // namespace care
