// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a process has loaded and which patches it carries.
#include <algorithm>

#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/json/json.h"
#include "lib/target/target.h"
#include "lib/transaction/unfinished.h"
#include "libcare-ctl/info.h"
#include "libcare-ctl/info_rows.h"

namespace care::ctl {

namespace {

std::string region_state(const Target &target, const Region &region) {
  if (is_unfinished(target, region))
    return "interrupted";
  switch (region.state) {
  case RegionState::staged:
    return "staged";
  case RegionState::undone:
    return "undone";
  case RegionState::committed:
    break;
  }
  if (!target.object_of(region))
    return "unloaded";
  return region_in_force(region, target.memory()) ? "patched" : "left over";
}

std::vector<InfoRow> info_rows(const Target &target, bool only_patched) {
  std::vector<InfoRow> rows;
  for (const LoadedObject &object : target.objects()) {
    std::vector<const Region *> regions = target.regions_of(object);
    for (const Region *region : regions)
      rows.push_back({object.name, hex_text(object.build_id), "patched", region});
    if (regions.empty() && !only_patched)
      rows.push_back({object.name, hex_text(object.build_id), "-", nullptr});
  }
  // Regions that no object accounts for: an interrupted command, an unloaded library.
  for (const Region &region : target.regions()) {
    bool listed = std::any_of(rows.begin(), rows.end(), [&](const InfoRow &r) {
      return r.region && r.region->self == region.self;
    });
    if (!listed)
      rows.push_back(
          {region.object_name, hex_text(region.build_id), region_state(target, region), &region});
  }
  return rows;
}

} // namespace

ExitCode show_patches(const InfoOptions &options) {
  PidSelection selection = select_pids(options.pids);
  bool only_patched = selection.all && !options.all_objects;
  Json processes = Json::array();
  Table table = info_table();
  for (pid_t pid : selection.pids) {
    try {
      Target target(pid);
      std::vector<InfoRow> rows = info_rows(target, only_patched);
      if (rows.empty() && only_patched)
        continue;
      Json objects = Json::array();
      for (const InfoRow &row : rows) {
        if (options.json)
          objects.push_back(row_json(row));
        else
          add_row(pid, target.process().comm(), row, table);
      }
      processes.push_back({{"pid", pid}, {"comm", target.process().comm()}, {"objects", objects}});
    } catch (const std::exception &e) {
      // Of all processes some exit meanwhile, and some are not ours to look at.
      if (!selection.all)
        throw;
      log_info("{}", as_error(e).message());
    }
  }
  if (options.json)
    print_json(processes.sorted_text(2));
  else
    pass_on(stdout, table.text(stdout_style()));
  return ExitCode::ok;
}

} // namespace care::ctl
