// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/layout_check.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "kpatch_cc/store_layout.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/layout/check_types.h"
#include "lib/layout/describe.h"

namespace care {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

struct Compiled {
  CompiledLayout layout;
  TypesInput input;
  bool new_code = true;
};

std::set<std::string> changed_functions(const Json &report) {
  std::set<std::string> names;
  for (const Json &function : report.value("changed", Json::array()))
    names.insert(function.at("name").get<std::string>());
  for (const Json &name : report.value("new_functions", Json::array()))
    names.insert(name.get<std::string>());
  return names;
}

Compiled read_record(const Json &record, Acceptances &accepted) {
  Compiled compiled;
  compiled.layout.object = record.at(kChangeObject);
  compiled.layout.source = record.at(kChangeSource);
  compiled.input.source = compiled.layout.source;
  compiled.input.original = record.value(kChangeOriginalTypes, "");
  compiled.input.patched = record.value(kChangePatchedTypes, "");
  for (const std::string &text : record.value(kChangeAccepted, std::vector<std::string>{}))
    accept_layout(accepted, text);
  std::string report = record.at(kChangeReport);
  // A refused object has no list: any of its functions may have changed.
  compiled.input.known = fs::exists(report);
  if (!compiled.input.known)
    return compiled;
  compiled.input.changed = changed_functions(Json::parse(read_file(report)));
  compiled.new_code = !compiled.input.changed.empty();
  compiled.layout.changed.assign(compiled.input.changed.begin(), compiled.input.changed.end());
  return compiled;
}

} // namespace

LayoutCheck check_layout(const std::string &store, const MakeOptions &options) {
  LayoutCheck check;
  if (options.no_types || options.all)
    return check;
  check.done = true;
  Acceptances accepted;
  for (const std::string &text : options.accept_layout)
    accept_layout(accepted, text);
  std::vector<Compiled> all;
  std::error_code none;
  for (const fs::directory_entry &entry : fs::directory_iterator(store + "/" + kStoreChanges, none))
    all.push_back(read_record(Json::parse(read_file(entry.path())), accepted));
  std::sort(all.begin(), all.end(),
            [](const Compiled &a, const Compiled &b) { return a.layout.object < b.layout.object; });
  for (const Compiled &compiled : all) {
    if (!compiled.new_code)
      continue;
    check.compiled.push_back(compiled.layout);
    if (compiled.input.original.empty() || compiled.input.patched.empty())
      check.report.unchecked.push_back(compiled.layout.source + ": no debug information");
    else
      check_types(compiled.input, accepted, check.report);
  }
  settle_signatures(check.report);
  return check;
}

std::vector<std::string> layout_arguments(const LayoutReport &report) {
  std::vector<std::string> arguments;
  for (const TypeFinding &finding : report.findings) {
    if (finding.verdict == LayoutVerdict::harmless || finding.verdict == LayoutVerdict::refused)
      continue;
    std::string reason =
        finding.verdict == LayoutVerdict::accepted
            ? finding.reason
            : fmt::format("{}, by itself: {}", verdict_word(finding.verdict), finding.evidence);
    arguments.insert(arguments.end(),
                     {"--ignored-change", fmt::format("{}\n{}\n{}", finding.change.name,
                                                      brief_change(finding.change), reason)});
    for (const std::string &function : finding.not_active)
      arguments.insert(arguments.end(), {"--unsafe", function});
  }
  return arguments;
}

LayoutReport layout_of(const LayoutCheck &check, const std::vector<std::string> &changed) {
  std::set<std::string> names(changed.begin(), changed.end());
  std::set<std::string> sources;
  for (const CompiledLayout &compiled : check.compiled)
    if (std::any_of(compiled.changed.begin(), compiled.changed.end(),
                    [&](const std::string &name) { return names.count(name) != 0; }))
      sources.insert(compiled.source);
  LayoutReport report;
  auto concerns = [&](const std::string &text) {
    return std::any_of(sources.begin(), sources.end(), [&](const std::string &source) {
      return text.find(source) != std::string::npos;
    });
  };
  for (const TypeFinding &finding : check.report.findings)
    if (concerns(finding.sources))
      report.findings.push_back(finding);
  for (const std::string &line : check.report.unchecked)
    if (concerns(line))
      report.unchecked.push_back(line);
  return report;
}

} // namespace care
