// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/delivery.h"

#include <filesystem>

#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

void keep_links(const std::vector<Link> &links, const std::string &folder) {
  fs::create_directories(folder);
  for (const Link &link : links) {
    std::string to = folder + "/" + fs::path(link.output).filename().string();
    // Two objects of one name: the later gets its build-id behind it.
    if (fs::exists(to))
      to += "-" + link.build_id.substr(0, 8);
    fs::copy_file(link.copy, to, fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add);
  }
}

} // namespace

void deliver(const std::string &folder, const std::string &bundle) {
  std::error_code failure;
  fs::create_directories(bundle, failure);
  if (failure)
    throw system_error(failure.value(), "cannot create {}", bundle);
  for (const fs::directory_entry &entry : fs::directory_iterator(folder))
    write_file(bundle + "/" + entry.path().filename().string(), read_file(entry.path()));
}

void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree) {
  if (options.keep.empty())
    return;
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    fs::remove_all(options.keep + "/" + stage); // of an earlier run
    fs::create_directories(options.keep + "/" + stage);
  }
  for (const auto &[stage, log] : logs) {
    std::string name = log.ends_with("/" + stage + ".log") ? "build.log" : fs::path(log).filename();
    if (fs::exists(log))
      fs::copy_file(log, options.keep + "/" + stage + "/" + name);
  }
  keep_links(pairing.originals, options.keep + "/" + kStageOriginal);
  keep_links(pairing.patched, options.keep + "/" + kStagePatched);
  if (!pairing.originals.empty())
    copy_tree(original_tree, options.keep + "/" + kStageOriginal + "/tree");
}

} // namespace care::make
