// SPDX-License-Identifier: GPL-2.0-or-later
//
// PROVIDE_HIDDEN: ld manual, 3.5.4. ld and lld read scripts among the input files, and add
// them to their own; gold and mold are not asked.
#include "kpatch_cc/template_instances.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/json/json.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

using SharedNames = std::map<std::string, std::string>; // emitted name by name

std::string log_path(const Store &store) {
  return fmt::format("{}/{}", store.folder(), kStoreShared);
}

SharedNames shared_names(const Store &store) {
  SharedNames names;
  std::istringstream in(read_file(log_path(store)));
  for (std::string name, emitted; in >> name >> emitted;)
    names.emplace(name, emitted);
  return names;
}

// Does the linked file have a string table with one of the names? A quick look: who
// defines the name is for the linker to say.
bool mentions_any(const std::string &path, const SharedNames &names) {
  std::string bytes = read_file(path);
  return std::any_of(names.begin(), names.end(), [&](const auto &entry) {
    return bytes.find(entry.first + '\0') != bytes.npos;
  });
}

// ld: undefined reference to `NAME'; lld: undefined symbol: NAME
bool is_missing(std::string_view messages, const std::string &name) {
  return messages.find(fmt::format("undefined reference to `{}'", name)) != messages.npos ||
         messages.find(fmt::format("undefined symbol: {}\n", name)) != messages.npos;
}

// Script lines for the names that a link of `argv` misses. Leaves its output alone.
std::string script_for_missing(const Store &store, const SharedNames &names,
                               const std::vector<std::string> &argv) {
  std::string output = fmt::format("{}/probe-{}", store.folder(), getpid());
  Command command;
  command.argv = argv;
  command.argv.insert(command.argv.end(), {"--no-demangle", "-z", "defs", "-o", output});
  command.capture = true;
  Outcome outcome = run(command);
  std::filesystem::remove(output);
  std::string script;
  for (const auto &[name, emitted] : names)
    if (is_missing(outcome.output, name))
      script += fmt::format("PROVIDE_HIDDEN(\"{}\" = \"{}\");\n", name, emitted);
  return script;
}

} // namespace

void keep_shared_names(const Store &store, const std::string &report) {
  std::optional<Json> json = Json::try_parse(read_file(report));
  const Json *shared = json ? json->find("shared") : nullptr;
  if (!shared)
    return;
  for (const auto &[name, emitted] : shared->members())
    store.log(kStoreShared, fmt::format("{} {}", name, emitted.string()));
}

bool has_shared_names(const Store &store) {
  return std::filesystem::exists(log_path(store));
}

std::optional<int> link_missing_shared_names(const Store &store, const LinkerLine &line,
                                             std::vector<std::string> argv, int status) {
  SharedNames names = shared_names(store);
  if (status == 0 && !(line.shared && mentions_any(line.output, names)))
    return std::nullopt;
  std::string script = script_for_missing(store, names, argv);
  if (script.empty())
    return std::nullopt;
  argv.push_back(fmt::format("{}/shared-{}.ld", store.folder(), getpid()));
  write_file(argv.back(), script);
  Command command;
  command.argv = argv;
  command.capture = true;
  Outcome outcome = run(command);
  pass_on(stderr, outcome.output);
  return outcome.exit_status;
}

} // namespace care::cc
