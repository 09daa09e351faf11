// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a process has loaded and which patches it carries.
#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "lib/apply/target.h"
#include "lib/base/log.h"
#include "libcare-ctl/info.h"
#include "libcare-ctl/table.h"

namespace care {

namespace {

struct InfoRow {
  std::string object;
  std::string build_id; // hex
  std::string state;    // "-", "patched", "staged", "undone", "left over"
  const Region *region = nullptr;
};

std::string region_state(const Target &target, const Region &region) {
  switch (region.state) {
  case RegionState::staged:
    return "staged";
  case RegionState::undone:
    return "undone";
  case RegionState::committed:
    break;
  }
  return target.object_of(region) && region_in_force(region, target.memory()) ? "patched"
                                                                              : "left over";
}

std::vector<InfoRow> info_rows(const Target &target, bool only_patched) {
  std::vector<InfoRow> rows;
  for (const LoadedObject &object : target.objects()) {
    const Region *region = target.region_of(object);
    if (region || !only_patched)
      rows.push_back({object.name, hex_text(object.build_id), region ? "patched" : "-", region});
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

nlohmann::json row_json(const InfoRow &row) {
  nlohmann::json j = {{"object", row.object}, {"build_id", row.build_id}, {"state", row.state}};
  if (!row.region)
    return j;
  const Region &r = *row.region;
  j["level"] = r.level;
  j["description"] = r.description;
  j["applied_at"] = r.applied_at;
  j["region"] = fmt::format("{}", r.self);
  j["region_size"] = r.total_size;
  j["image"] = fmt::format("{}", r.image()); // for gdb's add-symbol-file FILE -o IMAGE
  j["patch_digest"] = hex_text({reinterpret_cast<const char *>(r.digest.data()), r.digest.size()});
  j["functions"] = nlohmann::json::array();
  for (const Hunk &h : r.hunks) {
    j["functions"].push_back({{"name", h.name},
                              {"original", fmt::format("{}", h.original.begin)},
                              {"site", fmt::format("{}", h.site)},
                              {"pad", h.pad ? fmt::format("{}", h.pad) : ""},
                              {"replacement", fmt::format("{}", h.replacement.begin)}});
  }
  j["hooks"] = nlohmann::json::array();
  for (const RegionHook &h : r.hooks)
    j["hooks"].push_back({{"kind", mark_name(h.kind)}, {"name", h.name}});
  j["ignored"] = r.ignored;
  return j;
}

// What the author of the fix wanted to be known.
void add_notes(const Region &region, Table &table) {
  for (const RegionHook &h : region.hooks)
    table.add_note(fmt::format("{} {}", mark_name(h.kind), h.name));
  std::string_view rest = region.ignored;
  for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    table.add_note(fmt::format("ignored change of {}", rest.substr(0, end)));
    rest.remove_prefix(end + 1);
  }
}

Tone tone_of(const std::string &state) {
  return state == "patched" ? Tone::good : state == "-" ? Tone::plain : Tone::warning;
}

void add_row(const Process &process, const InfoRow &row, Table &table) {
  std::string level, applied, size, names;
  if (const Region *r = row.region) {
    level = std::to_string(r->level);
    applied = fmt::format("{:%F %T}", fmt::localtime(static_cast<time_t>(r->applied_at)));
    size = fmt::format("{} KiB", r->total_size / 1024);
    for (const Hunk &h : r->hunks)
      names += (names.empty() ? "" : " ") + h.name;
  }
  table.add({{std::to_string(process.pid())},
             {process.comm()},
             {row.object},
             {row.build_id.empty() ? "-" : row.build_id},
             {row.state, tone_of(row.state)},
             {level},
             {applied},
             {size},
             {names}});
  if (row.region)
    add_notes(*row.region, table);
}

} // namespace

ExitCode show_patches(const InfoOptions &options) {
  PidSelection selection = select_pids(options.pids);
  bool only_patched = selection.all && !options.all_objects;
  nlohmann::json processes = nlohmann::json::array();
  Table table({{"PID", true},
               {"COMM"},
               {"OBJECT"},
               {"BUILD-ID", false, 12},
               {"STATE"},
               {"LEVEL", true},
               {"APPLIED"},
               {"SIZE", true},
               {"FUNCTIONS"}});
  for (pid_t pid : selection.pids) {
    try {
      Target target(pid);
      std::vector<InfoRow> rows = info_rows(target, only_patched);
      if (rows.empty() && only_patched)
        continue;
      nlohmann::json objects = nlohmann::json::array();
      for (const InfoRow &row : rows) {
        if (options.json)
          objects.push_back(row_json(row));
        else
          add_row(target.process(), row, table);
      }
      processes.push_back({{"pid", pid}, {"comm", target.process().comm()}, {"objects", objects}});
    } catch (const Error &e) {
      // Of all processes some exit meanwhile, and some are not ours to look at.
      if (!selection.all)
        throw;
      log_info("{}", e.message());
    }
  }
  if (options.json)
    fmt::print("{}\n", processes.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  else
    fmt::print("{}", table.text(stdout_style()));
  return ExitCode::ok;
}

} // namespace care
