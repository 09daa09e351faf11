// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/deb_trees.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "kpatch_make/deb/debian_control.h"
#include "kpatch_make/deb/patch_series.h"
#include "kpatch_make/sources/fix_parts.h"
#include "kpatch_make/sources/fixes.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

constexpr const char *kChangelog = "debian/changelog";

// -p, sorted into names of the series and files.
struct Fixes {
  std::vector<std::string> peeled, files;
};

// The last ones, since fixes come at the end of a series.
std::string listed(const std::vector<std::string> &series) {
  constexpr size_t kMost = 40;
  size_t first = series.size() - std::min(series.size(), kMost);
  std::vector<std::string> last(series.begin() + static_cast<ptrdiff_t>(first), series.end());
  std::string text = fmt::format("its series has {}", fmt::join(last, ", "));
  return first == 0 ? text : fmt::format("{}, and {} before these", text, first);
}

Fixes sort_fixes(const DebOptions &options, const std::string &tree) {
  std::string path = tree + "/debian/patches/series";
  std::vector<std::string> series =
      fs::exists(path) ? parse_series(read_file(path)) : std::vector<std::string>();
  Fixes fixes;
  for (const std::string &fix : options.fixes) {
    std::string name = find_in_series(series, fix);
    if (fs::is_regular_file(fix))
      fixes.files.push_back(fs::absolute(fix).lexically_normal());
    else if (!name.empty())
      fixes.peeled.push_back(name);
    else
      throw error(ExitCode::usage, "{}: neither a file nor a patch of the package", fix)
          .with_hint(series.empty() ? "this package has no debian/patches/series" : listed(series));
  }
  return fixes;
}

ChangelogHead head_of(const std::string &tree) {
  return parse_changelog_head(read_file(tree + "/" + kChangelog));
}

// The whole update as one patch, for the reports.
std::string write_difference(const WorkArea &area, const std::string &to) {
  std::string original = area.tree(kStageOriginal), patched = area.tree(kStagePatched);
  Command command;
  command.argv = {"diff",
                  "-ruN",
                  "--exclude=.pc",
                  "--exclude=debian",
                  fs::path(original).filename(),
                  fs::path(patched).filename()};
  command.directory = fs::path(original).parent_path();
  command.capture = true;
  std::string path = fmt::format("{}/{}-to-{}.diff", area.folder(), head_of(original).version, to);
  write_file(path, run(command).output);
  return path;
}

DebTrees two_versions(const DebOptions &options, const SourceKitchen &kitchen,
                      const WorkArea &area) {
  SourceName source = read_source_name(options.source), newer;
  std::string original = area.tree(kStageOriginal), patched = area.tree(kStagePatched);
  if (!options.from.empty())
    source.version = options.from;
  unpack_source(kitchen, source, original);
  if (is_source_path(options.to)) {
    newer = read_source_name(options.to);
  } else {
    newer.name = head_of(original).source;
    newer.version = options.to;
  }
  unpack_source(kitchen, newer, patched);
  ChangelogHead of_newer = head_of(patched);
  if (of_newer.source != head_of(original).source)
    throw error(ExitCode::usage, "{} is no version of {}", of_newer.source,
                head_of(original).source);
  write_file(patched + "/" + kChangelog, read_file(original + "/" + kChangelog), 0644);
  DebTrees trees;
  trees.fixes = {write_difference(area, of_newer.version)};
  return trees;
}

// As Debian publishes it, a debdiff: the fix is a patch for debian/patches.
bool changes_series(const std::string &fix) {
  std::vector<FixPart> parts = split_fix(read_file(fix));
  return std::any_of(parts.begin(), parts.end(),
                     [](const FixPart &part) { return part.file.starts_with("debian/patches/"); });
}

void apply_files(const std::vector<std::string> &files, const FixReading &reading,
                 const SourceKitchen &kitchen, const std::string &tree) {
  bool series = std::any_of(files.begin(), files.end(), changes_series);
  if (series)
    unapply_series(kitchen, tree);
  apply_fixes(files, reading, tree);
  if (series)
    apply_series(kitchen, tree, "the source with the fix");
}

DebTrees one_version(const DebOptions &options, const SourceKitchen &kitchen,
                     const WorkArea &area) {
  std::string original = area.tree(kStageOriginal), patched = area.tree(kStagePatched);
  unpack_source(kitchen, read_source_name(options.source), original);
  Fixes fixes = sort_fixes(options, original);
  copy_tree(original, patched);
  FixReading reading = options.make.reading;
  reading.skip.push_back(kChangelog); // a process that is patched keeps its version
  apply_files(fixes.files, reading, kitchen, patched);
  if (!fixes.peeled.empty())
    peel(original, fixes.peeled);
  DebTrees trees;
  for (const std::string &name : fixes.peeled)
    trees.fixes.push_back(patched + "/debian/patches/" + name);
  trees.fixes.insert(trees.fixes.end(), fixes.files.begin(), fixes.files.end());
  trees.shipped_is_patched = !fixes.peeled.empty();
  return trees;
}

} // namespace

DebTrees make_deb_trees(const DebOptions &options, const SourceKitchen &kitchen,
                        const WorkArea &area) {
  DebTrees trees = options.to.empty() ? one_version(options, kitchen, area)
                                      : two_versions(options, kitchen, area);
  apply_fixes(options.adaptations, options.make.reading, area.tree(kStagePatched));
  trees.fixes.insert(trees.fixes.end(), options.adaptations.begin(), options.adaptations.end());
  ChangelogHead head = head_of(area.tree(kStageOriginal));
  trees.name = head.source;
  trees.version = head.version;
  return trees;
}

std::string dependency_fields(const std::string &tree) {
  std::vector<ControlParagraph> control = parse_control(read_file(tree + "/debian/control"));
  if (control.empty())
    throw error(ExitCode::bad_input, "{}/debian/control is empty", tree);
  std::string text;
  for (const char *name : {"Source", "Build-Depends", "Build-Depends-Arch", "Build-Depends-Indep",
                           "Build-Conflicts", "Build-Conflicts-Arch", "Build-Conflicts-Indep"})
    text += std::string(name) + ": " + control[0].get(name) + "\n";
  return text;
}

} // namespace care::make
