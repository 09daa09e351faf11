// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl info: which objects a process has loaded, and which patches it
// carries. Reads /proc and memory only: no process is stopped or traced.
#include <algorithm>
#include <ctime>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "lib/apply/target.h"
#include "lib/base/log.h"
#include "libcare-ctl/command.h"

namespace care {

namespace {

struct InfoOptions {
  std::string pids;
  bool json = false;
  bool all_objects = false;
};

struct InfoRow {
  std::string object;
  std::string build_id; // hex
  std::string state;    // "-", "patched", "staged", "undone", "left over"
  const Region *region = nullptr;
};

// A process may write anything into its own memory.
std::string printable(std::string text) {
  for (char &c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      c = '?';
  return text;
}

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
void print_notes(const Region &region) {
  for (const RegionHook &h : region.hooks)
    fmt::print("{:>9}{} {}\n", "", mark_name(h.kind), printable(h.name));
  std::string_view rest = region.ignored;
  for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    fmt::print("{:>9}ignored change of {}\n", "", printable(std::string(rest.substr(0, end))));
    rest.remove_prefix(end + 1);
  }
}

void print_row(const Process &process, const InfoRow &row) {
  std::string detail;
  if (row.region) {
    std::vector<std::string> names;
    for (const Hunk &h : row.region->hunks)
      names.push_back(h.name);
    detail = fmt::format("{:>5}  {:%F %T}  {:>4} KiB  {}", row.region->level,
                         fmt::localtime(static_cast<time_t>(row.region->applied_at)),
                         row.region->total_size / 1024, fmt::join(names, " "));
  }
  fmt::print("{:>7}  {:<15}  {:<24}  {:<40}  {:<9}  {}\n", process.pid(), process.comm(),
             row.object, row.build_id.empty() ? "-" : row.build_id, row.state, detail);
  if (row.region)
    print_notes(*row.region);
}

ExitCode run_info(const InfoOptions &options) {
  PidSelection selection = select_pids(options.pids);
  bool only_patched = selection.all && !options.all_objects;
  nlohmann::json processes = nlohmann::json::array();
  bool header = false;
  for (pid_t pid : selection.pids) {
    try {
      Target target(pid);
      std::vector<InfoRow> rows = info_rows(target, only_patched);
      if (rows.empty() && only_patched)
        continue;
      nlohmann::json objects = nlohmann::json::array();
      if (!options.json && !header)
        fmt::print("{:>7}  {:<15}  {:<24}  {:<40}  {:<9}  LEVEL  APPLIED              SIZE      "
                   "FUNCTIONS\n",
                   "PID", "COMM", "OBJECT", "BUILD-ID", "STATE");
      header = true;
      for (const InfoRow &row : rows) {
        if (options.json)
          objects.push_back(row_json(row));
        else
          print_row(target.process(), row);
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
  return ExitCode::ok;
}

} // namespace

void add_info_command(CLI::App &app, CommandRun &run) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App *command =
      app.add_subcommand("info", "Show loaded objects, their build-ids and patches");
  command
      ->add_option("-p,--pid", options->pids,
                   "Process id, several with commas, or 'all' (those with patches)")
      ->required()
      ->type_name("PID");
  command->add_flag("--json", options->json, "Print as JSON");
  command->add_flag("--all-objects", options->all_objects,
                    "With -p all: list unpatched processes and objects too");
  command->footer("Nothing is stopped or traced.\n"
                  "\n"
                  "Examples:\n"
                  "  libcare-ctl info -p 4711\n"
                  "  libcare-ctl info -p all --json\n");
  command->callback([options, &run] { run = [options] { return run_info(*options); }; });
}

} // namespace care
