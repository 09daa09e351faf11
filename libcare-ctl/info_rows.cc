// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/info_rows.h"

#include <ctime>

#include <fmt/chrono.h>

#include "lib/json/json.h"

namespace care::ctl {

namespace {

// What ran, or will, beside the change. Regions note bodies of coroutines in the same list.
std::vector<RegionHook> hooks_of(const Region &region) {
  std::vector<RegionHook> hooks = region.hooks;
  std::erase_if(hooks, [](const RegionHook &h) { return h.kind == MarkKind::coroutine; });
  return hooks;
}

// What the author of the fix wanted to be known.
void add_notes(const Region &region, Table &table) {
  for (const RegionHook &h : hooks_of(region))
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

} // namespace

Table info_table() {
  return Table({{"PID", true},
                {"COMM"},
                {"OBJECT"},
                {"BUILD-ID", false, 12},
                {"STATE"},
                {"LEVEL", true},
                {"APPLIED"},
                {"SIZE", true},
                {"FUNCTIONS"}});
}

Json row_json(const InfoRow &row) {
  Json j = {{"object", row.object}, {"build_id", row.build_id}, {"state", row.state}};
  if (!row.region)
    return j;
  const Region &r = *row.region;
  j["name"] = r.name;
  j["level"] = r.level;
  j["description"] = r.description;
  j["applied_at"] = r.applied_at;
  j["region"] = fmt::format("{}", r.self);
  j["region_size"] = r.total_size;
  j["image"] = fmt::format("{}", r.image()); // for gdb's add-symbol-file FILE -o IMAGE
  j["patch_digest"] = hex_text(r.digest);
  j["functions"] = Json::array();
  for (const Hunk &h : r.hunks) {
    j["functions"].push_back({{"name", h.name},
                              {"original", fmt::format("{}", h.original.begin)},
                              {"site", fmt::format("{}", h.site)},
                              {"pad", h.pad ? fmt::format("{}", h.pad) : ""},
                              {"replacement", fmt::format("{}", h.replacement.begin)}});
  }
  j["hooks"] = Json::array();
  for (const RegionHook &h : hooks_of(r))
    j["hooks"].push_back({{"kind", mark_name(h.kind)}, {"name", h.name}});
  j["ignored"] = r.ignored;
  return j;
}

void add_row(pid_t pid, const std::string &comm, const InfoRow &row, Table &table) {
  std::string level, applied, size, names;
  if (const Region *r = row.region) {
    level = r->name + (r->name.empty() ? "" : " ") + std::to_string(r->level);
    applied = fmt::format("{:%F %T}", fmt::localtime(static_cast<time_t>(r->applied_at)));
    size = fmt::format("{} KiB", r->total_size / 1024);
    for (const Hunk &h : r->hunks)
      names += (names.empty() ? "" : " ") + h.name;
  }
  table.add({{std::to_string(pid)},
             {comm},
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

} // namespace care::ctl
