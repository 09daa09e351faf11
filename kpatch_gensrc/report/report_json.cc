// SPDX-License-Identifier: GPL-2.0-or-later
//
// The fields are named like those of Report. In a listing, a row is an object with
// "skipped" (equal statements left out), or with "same" and the two sides.
#include "kpatch_gensrc/report/report_json.h"

#include "lib/json/json.h"

namespace care::gensrc {

namespace {
Json side_json(const DifferingStatement &statement) {
  return {{"text", statement.text}, {"where", statement.where}};
}

Json statement_json(const ListedStatement &statement) {
  Json json = {{"text", statement.text}};
  if (!statement.labels.empty())
    json["labels"] = statement.labels;
  if (!statement.note.empty())
    json["note"] = statement.note;
  if (statement.line != 0)
    json["line"] = statement.line;
  if (statement.line != 0)
    json["file"] = statement.file;
  return json;
}

Json rows_json(const std::vector<ListingRow> &rows) {
  Json json = Json::array();
  for (const ListingRow &row : rows)
    if (row.skipped != 0)
      json.push_back({{"skipped", row.skipped}});
    else
      json.push_back({{"same", row.same},
                      {"original", statement_json(row.original)},
                      {"patched", statement_json(row.patched)}});
  return json;
}

Json spans_json(const std::vector<SourceSpan> &spans) {
  Json json = Json::array();
  for (const SourceSpan &span : spans)
    json.push_back({{"file", span.file}, {"first", span.first}, {"last", span.last}});
  return json;
}

Json function_json(const Report::Function &function) {
  Json json = {{"name", function.name},
               {"part", function.difference.part},
               {"original", side_json(function.difference.original)},
               {"patched", side_json(function.difference.patched)}};
  if (!function.listing.body.empty() || !function.listing.cold.empty())
    json["listing"] = {{"body", rows_json(function.listing.body)},
                       {"cold", rows_json(function.listing.cold)},
                       {"original_source", spans_json(function.listing.original_source)},
                       {"patched_source", spans_json(function.listing.patched_source)}};
  return json;
}

} // namespace

std::string report_json(const Report &report) {
  Json json;
  json["changed"] = Json::array();
  for (const Report::Function &function : report.changed)
    json["changed"].push_back(function_json(function));
  json["new_functions"] = report.new_functions;
  json["new_data"] = report.new_data;
  json["removed"] = report.removed;
  json["shared"] = report.shared;
  json["spared"] = report.spared;
  json["notes"] = report.notes;
  json["left_out"] = report.left_out;
  return json.text(2);
}

} // namespace care::gensrc
