// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a core dump says about patches: a person who looks into a crash wants to know first
// whether the code on disk is the code that ran.

#include "lib/base/print.h"
#include "lib/json/json.h"
#include "lib/target/core_patches.h"
#include "libcare-ctl/info.h"
#include "libcare-ctl/info_rows.h"

namespace care::ctl {

namespace {

std::string state_in_core(const Region &region, const CoreFile &core) {
  if (region.state == RegionState::staged)
    return "staged";
  if (region.state == RegionState::undone)
    return "undone";
  switch (jumps_in_core(region, core)) {
  case CoreJumps::stand:
    return "patched";
  case CoreJumps::do_not:
    return "left over";
  case CoreJumps::missing:
    break;
  }
  return "committed"; // says its header; the code itself is not in the core
}

} // namespace

ExitCode show_core(const InfoOptions &options) {
  CoreFile core(options.core);
  std::vector<Region> regions = find_regions(core);
  Table table = info_table();
  Json objects = Json::array();
  for (const Region &region : regions) {
    InfoRow row{region.object_name, hex_text(region.build_id), state_in_core(region, core),
                &region};
    if (options.json)
      objects.push_back(row_json(row));
    else
      add_row(core.pid(), core.comm(), row, table);
  }
  if (options.json) {
    Json processes = Json::array();
    processes.push_back({{"pid", core.pid()}, {"comm", core.comm()}, {"objects", objects}});
    print_json(processes.sorted_text(2));
  } else if (regions.empty()) {
    print_out("{}: pid {} ({}): no patches\n", options.core, core.pid(), core.comm());
  } else {
    pass_on(stdout, table.text(stdout_style()));
  }
  return ExitCode::ok;
}

} // namespace care::ctl
