// SPDX-License-Identifier: GPL-2.0-or-later
//
// How a patch that a process carries is shown: a row of a table, or JSON. The same for a
// process and for a core dump.
#pragma once

#include <string>

#include <sys/types.h>

#include "lib/json/json.h"
#include "lib/target/region.h"
#include "libcare-ctl/table.h"

namespace care::ctl {

struct InfoRow {
  std::string object;
  std::string build_id; // hex
  std::string state;    // "-", "patched", "staged", "undone", "unloaded", "left over"
  const Region *region = nullptr;
};

// The table whose rows add_row() makes.
Table info_table();
void add_row(pid_t pid, const std::string &comm, const InfoRow &row, Table &table);
Json row_json(const InfoRow &row);

} // namespace care::ctl
