// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/delivery.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kpatch_make/sources/work_area.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "lib/base/log.h"
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

// In a bundle: "FILE\tNAME\tSOURCE", a line for each patch. In a folder of --keep: that it is.
constexpr const char *kMark = ".kpatch_make";

// File of a bundle -> which runs made it.
using Origins = std::map<std::string, std::string>;

std::string origin_of(const MakeOptions &options) {
  std::string source = options.package.empty() ? options.directory : options.package;
  std::replace(source.begin(), source.end(), '\n', '?');
  return options.name + '\t' + source;
}

Origins read_origins(const std::string &bundle) {
  Origins origins;
  if (!fs::exists(bundle + "/" + kMark))
    return origins;
  for (const std::string &line : lines_of_file(bundle + "/" + kMark))
    if (size_t tab = line.find('\t'); tab != std::string::npos)
      origins[line.substr(0, tab)] = line.substr(tab + 1);
  return origins;
}

std::set<std::string> patches_in(const std::string &bundle) {
  std::set<std::string> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(bundle))
    if (entry.path().extension() == ".kpatch")
      names.insert(entry.path().filename());
  return names;
}

// Writes down whose the patches of a bundle are; those of `origin` that are not `fresh` go.
void sort_out(const std::string &bundle, const Origins &before, const std::string &origin,
              const std::set<std::string> &fresh) {
  std::string text;
  std::vector<std::string> old, others;
  for (const std::string &name : patches_in(bundle)) {
    auto known = before.find(name);
    std::string whose = fresh.count(name) != 0  ? origin
                        : known != before.end() ? known->second
                                                : "";
    if (whose == origin && fresh.count(name) == 0) {
      old.push_back(name);
      continue;
    }
    if (!whose.empty())
      text += fmt::format("{}\t{}\n", name, whose);
    if (whose != origin)
      others.push_back(name);
  }
  write_file(bundle + "/" + kMark, text, 0644);
  for (const std::string &name : old) {
    fs::remove(bundle + "/" + name);
    log_warning("{}/{} is of an earlier run and has no successor: removed", bundle, name);
  }
  if (!others.empty())
    log_warning("{} has patches that are not of this run and stay: {}", bundle,
                fmt::join(others, ", "));
}

bool is_of_keep(const std::string &folder) {
  fs::file_status status = fs::symlink_status(folder);
  return !fs::exists(status) ||
         (fs::is_directory(status) && (fs::is_empty(folder) || fs::exists(folder + "/" + kMark)));
}

} // namespace

void deliver(const std::string &folder, const MakeOptions &options) {
  const std::string &bundle = options.bundle;
  std::error_code failure;
  fs::create_directories(bundle, failure);
  if (failure)
    throw system_error(failure.value(), "cannot create {}", bundle);
  Origins origins = read_origins(bundle);
  std::set<std::string> fresh;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename();
    write_file(bundle + "/" + name, read_file(entry.path()));
    fresh.insert(name);
  }
  sort_out(bundle, origins, origin_of(options), fresh);
}

void check_keep(const std::string &keep) {
  for (const char *stage : {kStageOriginal, kStagePatched})
    if (std::string folder = keep + "/" + stage; !is_of_keep(folder))
      throw error(ExitCode::usage, "--keep: {} is there, and no --keep made it", folder)
          .with_hint("it would be removed: name another folder, or remove it yourself");
}

void keep_results(const MakeOptions &options, const Pairing &pairing,
                  const std::vector<std::pair<std::string, std::string>> &logs,
                  const std::string &original_tree) {
  if (options.keep.empty())
    return;
  check_keep(options.keep);
  for (const char *stage : {kStageOriginal, kStagePatched}) {
    std::string folder = options.keep + "/" + stage;
    fs::remove_all(folder); // of an earlier run
    fs::create_directories(folder);
    write_file(folder + "/" + kMark, "made by kpatch_make --keep, which may replace it\n", 0644);
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
