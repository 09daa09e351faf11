// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/layout_check.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/elf/elf_file.h"
#include "lib/json/json.h"
#include "lib/layout/check_types.h"
#include "lib/layout/describe.h"
#include "lib/patchfile/link_records.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {
struct Compiled {
  CompiledLayout layout;
  TypesInput input;
  bool new_code = true;
};

std::set<std::string> changed_functions(const Json &report) {
  std::set<std::string> names;
  for (const Json &function : report.value("changed", Json::array()))
    names.insert(function.at("name").string());
  for (const Json &name : report.value("new_functions", Json::array()))
    names.insert(name.string());
  return names;
}

Compiled read_record(const Json &record, Acceptances &accepted) {
  Compiled compiled;
  compiled.layout.object = record.at(kChangeObject).string();
  compiled.layout.source = record.at(kChangeSource).string();
  compiled.input.source = compiled.layout.source;
  compiled.input.original = record.string_or(kChangeOriginalTypes, "");
  compiled.input.patched = record.string_or(kChangePatchedTypes, "");
  for (const std::string &text : record.strings_or(kChangeAccepted, {}))
    accept_layout(accepted, text);
  std::string report = record.at(kChangeReport).string();
  // A refused object has no list: any of its functions may have changed.
  compiled.input.known = fs::exists(report);
  if (!compiled.input.known)
    return compiled;
  compiled.input.changed = changed_functions(Json::parse(read_file(report)));
  compiled.new_code = !compiled.input.changed.empty();
  compiled.layout.changed = compiled.input.changed;
  return compiled;
}

bool has_any(const std::set<std::string> &names, const std::set<std::string> &wanted) {
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string &name) { return names.count(name) != 0; });
}

// As kpatch_cc words it, of an object and of a link with -flto.
bool is_about(const std::string &refusal, const CompiledLayout &compiled) {
  return refusal.starts_with(fmt::format("{} ({}): ", compiled.source, compiled.object)) ||
         refusal.starts_with(compiled.object + " (linked with -flto): ");
}

// Each once: an object can be compiled again in the same way.
void append(std::vector<std::string> &to, const std::vector<std::string> &lines) {
  for (const std::string &line : lines)
    if (std::find(to.begin(), to.end(), line) == to.end())
      to.push_back(line);
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
  for (Compiled &compiled : all) {
    if (!compiled.new_code)
      continue;
    std::vector<std::string> &unchecked = check.report.unchecked;
    size_t before = unchecked.size();
    if (compiled.input.original.empty() || compiled.input.patched.empty())
      unchecked.push_back(compiled.layout.source + ": no debug information");
    else
      check_types(compiled.input, accepted, check.report);
    compiled.layout.unchecked.assign(unchecked.begin() + static_cast<ptrdiff_t>(before),
                                     unchecked.end());
    check.compiled.push_back(std::move(compiled.layout));
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

LinkedChanges read_linked_changes(const std::string &link) {
  LinkedChanges changes;
  ElfFile elf(link);
  for (const LinkRecord &record : read_link_records(elf)) {
    changes.sources.insert(string_at(elf, record.source));
    if (static_cast<RecordKind>(record.kind) == RecordKind::changed_function)
      changes.functions.insert(string_at(elf, record.name));
  }
  return changes;
}

LayoutReport layout_of(const LayoutCheck &check, const LinkedChanges &changes) {
  LayoutReport report;
  std::set<std::string> sources;
  for (const CompiledLayout &compiled : check.compiled)
    if (has_any(changes.functions, compiled.changed)) {
      sources.insert(compiled.source);
      // Many programs have a main().
      if (changes.sources.count(compiled.source) != 0)
        append(report.unchecked, compiled.unchecked);
    }
  for (const TypeFinding &finding : check.report.findings)
    if (std::any_of(sources.begin(), sources.end(), [&](const std::string &source) {
          return finding.sources.find(source) != std::string::npos;
        }))
      report.findings.push_back(finding);
  return report;
}

LayoutReport layout_of_refused(const LayoutCheck &check, const LinkedChanges &changes,
                               const std::vector<std::string> &refusals) {
  LayoutReport report = check.report;
  report.unchecked = layout_of(check, changes).unchecked;
  for (const CompiledLayout &compiled : check.compiled)
    if (std::any_of(refusals.begin(), refusals.end(),
                    [&](const std::string &why) { return is_about(why, compiled); }))
      append(report.unchecked, compiled.unchecked);
  return report;
}

} // namespace care::make
