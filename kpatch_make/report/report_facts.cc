// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/report/report_facts.h"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <filesystem>
#include <memory>
#include <sys/resource.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/base/version.h"
#include "lib/json/json.h"
#include "lib/layout/describe.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {
// What kpatch_cc recorded of one compiled object.
struct Unit {
  std::string object;
  std::string source;
  std::string directory;
  std::string refused;
  Json report = Json::object();
};

std::vector<Unit> read_units(const std::string &store) {
  std::vector<Unit> units;
  std::error_code none;
  for (const fs::directory_entry &entry :
       fs::directory_iterator(store + "/" + kStoreChanges, none)) {
    Json record = Json::parse(read_file(entry.path()));
    Unit unit{record.at(kChangeObject).string(), record.at(kChangeSource).string(),
              record.at(kChangeDirectory).string(), record.at(kChangeRefused).string()};
    std::string report = record.at(kChangeReport).string();
    if (fs::exists(report))
      unit.report = Json::parse(read_file(report));
    units.push_back(std::move(unit));
  }
  std::sort(units.begin(), units.end(),
            [](const Unit &a, const Unit &b) { return a.object < b.object; });
  return units;
}

size_t count(const Json &object, const char *list) {
  const Json *found = object.find(list);
  return found ? found->size() : 0;
}

Json unit_json(const Unit &unit) {
  std::string verdict = "changed";
  bool nothing = count(unit.report, "changed") == 0 && count(unit.report, "new_functions") == 0 &&
                 count(unit.report, "new_data") == 0;
  if (!unit.refused.empty())
    verdict = "refused";
  else if (nothing)
    verdict = "unchanged";
  Json notes = unit.report.value("notes", Json::array());
  return {{"object", unit.object},
          {"source", unit.source},
          {"verdict", verdict},
          {"reason", unit.refused},
          {"changed", count(unit.report, "changed")},
          {"new_functions", count(unit.report, "new_functions")},
          {"new_data", count(unit.report, "new_data")},
          {"removed", unit.report.value("removed", Json::array())},
          {"spared", unit.report.value("spared", Json::array())},
          {"notes", notes}};
}

// Finds what kpatch_gensrc said about a function of a patch.
class Details {
 public:
  Details(const std::vector<Unit> &units, SourceTrees trees)
      : units_(units), diffs_(std::move(trees)) {}

  // Fields for the function: why, source, listing. A name can occur in several
  // objects: the source and what was linked tell them apart.
  Json find(const Json &shown, const std::vector<std::string> &inputs) {
    const Unit *best = nullptr;
    const Json *best_function = nullptr;
    int best_rank = 0;
    for (const Unit &unit : units_)
      for (const Json &function : unit.report.value("changed", Json::array())) {
        if (function.at("name") != shown.at("name"))
          continue;
        bool linked = std::find(inputs.begin(), inputs.end(), unit.object) != inputs.end();
        int rank = 1 + (unit.source == shown.string_or("source", "")) + 2 * linked;
        if (rank <= best_rank)
          continue;
        best_rank = rank;
        best = &unit;
        kept_ = function;
        best_function = &kept_;
      }
    Json out = Json::object();
    if (best_function == nullptr)
      return out;
    out["part"] = best_function->value("part", "");
    out["compiled_object"] = best->object;
    out["excerpts"] = diffs_.excerpts(*best_function, best->directory, best->source);
    Json listing = best_function->value("listing", Json::object());
    out["listings"] = Json::array();
    add_listing(out["listings"], "assembly", listing.value("body", Json::array()));
    add_listing(out["listings"], "assembly of the cold part", listing.value("cold", Json::array()));
    return out;
  }

 private:
  static void add_listing(Json &listings, std::string_view title, Json rows) {
    if (rows.empty())
      return;
    for (Json &row : rows)
      row["mark"] = row.boolean_or("same", false) ? "same" : "diff";
    listings.push_back({{"title", title}, {"rows", std::move(rows)}});
  }

  const std::vector<Unit> &units_;
  SourceDiffs diffs_;
  Json kept_;
};

Json function_json(const Json &shown, Details &details, const std::vector<std::string> &inputs) {
  Json json = shown;
  json["readable"] = readable_name(shown.at("name").string());
  json["old_size"] =
      shown.integer_or("original_size", 0) + shown.integer_or("original_cold_size", 0);
  json["new_size"] =
      shown.integer_or("replacement_size", 0) + shown.integer_or("replacement_cold_size", 0);
  if (shown.string_or("kind", "") == "changed")
    json.update(details.find(shown, inputs));
  return json;
}

Json patched_object(const PatchSummary &row, const Pair &pair, Details &details) {
  Unproved unproved = unproved_of(row);
  Json json = {
      {"link", pair.original.output},
      {"file", std::filesystem::path(row.made.string_or("output", "")).filename().string()},
      {"proof", row.made.value("proof", Json::object())},
      {"not_proved", {{"shown", unproved.first}, {"more", unproved.more}}},
      {"functions", Json::array()},
      {"data", Json::array()}};
  json.update(layout_json(row.layout));
  for (auto &[name, value] : row.shown.members())
    if (name != "functions" && name != "object" && name != "build_id" && name != "spared")
      json[name] = value;
  for (const Json &shown : row.shown.value("functions", Json::array())) {
    bool data = shown.string_or("kind", "") == "new data";
    json[data ? "data" : "functions"].push_back(function_json(shown, details, pair.patched.inputs));
  }
  return json;
}

// Places in the page: #o1 is an object, #o1-2 a function of it.
void number(Json &objects) {
  size_t number = 0;
  for (Json &object : objects) {
    object["id"] = fmt::format("o{}", ++number);
    size_t function_number = 0;
    for (Json &function : object["functions"])
      function["id"] = fmt::format("o{}-{}", number, ++function_number);
  }
}

// The size of this process, or of the largest of the programs that it ran.
long largest_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return usage.ru_maxrss;
}

} // namespace

std::string readable_name(const std::string &symbol) {
  size_t dot = symbol.starts_with("_Z") ? symbol.find('.') : symbol.size();
  std::string mangled = symbol.substr(0, dot);
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
  if (!mangled.starts_with("_Z") || status != 0 || !text)
    return symbol;
  return dot < symbol.size() ? fmt::format("{} [{}]", text.get(), symbol.substr(dot + 1))
                             : std::string(text.get());
}

Json report_facts(const ReportInput &input) {
  std::vector<Unit> units = read_units(input.store);
  Details details(units, input.trees);
  Json facts = summary_json(input.summary);
  facts["tool_version"] = kVersion;
  facts["source"] = input.options.package;
  facts["version"] = input.options.package_version;
  facts["description"] = input.options.description;
  facts["directory"] = input.options.directory;
  facts["command"] = shell_text(input.options.command);
  facts["failure"] = input.failure;
  const BuildTime &plain = input.options.plain;
  auto measured = [](double time) { return time > 0 ? Json(time) : Json(nullptr); };
  facts["seconds"] = {{"original", input.summary.original.time.seconds},
                      {"patched", input.summary.patched.time.seconds},
                      {"verdicts", input.summary.verdict_seconds},
                      {"plain", measured(plain.seconds)}};
  facts["cpu_seconds"] = {{"original", input.summary.original.time.cpu_seconds},
                          {"patched", input.summary.patched.time.cpu_seconds},
                          {"plain", measured(plain.cpu_seconds)}};
  facts["peak_kb"] = std::max({input.summary.original.peak_kb, input.summary.patched.peak_kb,
                               largest_of(RUSAGE_SELF), largest_of(RUSAGE_CHILDREN)});
  for (size_t i = 0; i < input.summary.objects.size(); i++) {
    const PatchSummary &row = input.summary.objects[i];
    facts["objects"][i]["in_detail"] = row.verdict != ObjectVerdict::unchanged;
    for (const char *list : {"functions", "data", "imports"})
      facts["objects"][i][list] = Json::array();
    if (row.pair)
      facts["objects"][i].update(patched_object(row, input.pairing.changed[*row.pair], details));
  }
  for (Json &object : facts["objects"])
    for (Json &import : object["imports"])
      import["readable"] = readable_name(import.at("name").string());
  number(facts["objects"]);
  facts["units"] = Json::array();
  for (const Unit &unit : units)
    facts["units"].push_back(unit_json(unit));
  facts["fixes"] = Json::array();
  for (const std::string &patch : input.options.patches)
    facts["fixes"].push_back(fix_json(patch));
  return facts;
}

} // namespace care::make
