// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/deb_options.h"

#include <filesystem>
#include <thread>

#include "kpatch_make/deb/debian_control.h"
#include "kpatch_make/deb/debian_source.h"
#include "kpatch_make/objects/shipped_files.h"
#include "lib/base/error.h"
#include "lib/cli/command_line.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

constexpr const char *kExamples =
    "Examples:\n"
    "  kpatch_make deb -p fix.patch --target archive -o bundle tool      the newest version\n"
    "  kpatch_make deb -p fix.patch --target archive tool=1.2-3          that version\n"
    "  kpatch_make deb --from 1.2-3 --to 1.2-3+deb12u1 --target archive tool\n"
    "                                         the whole update\n"
    "  kpatch_make deb --to 1.2-3+deb12u1 tool_1.2-2.dsc      from one that apt has no more\n"
    "  kpatch_make deb -p CVE-2026-0001 tool  the package's own patch: the original is the\n"
    "                                         package without it\n";

void check_versions(const DebOptions &options) {
  if (options.to.empty() && options.from.empty())
    return;
  SourceName source = read_source_name(options.source);
  bool bare = source.kind == SourceName::Kind::archive && source.version.empty();
  if (options.to.empty() || (options.from.empty() && bare))
    throw error(ExitCode::usage, "--from and --to belong together")
        .with_hint("or SOURCE is what runs: NAME=VERSION, a .dsc or a tree");
  if (!options.from.empty() && !valid_version(options.from))
    throw error(ExitCode::usage, "'{}' is no version of a package", options.from);
  if (!is_source_path(options.to) && !valid_version(options.to))
    throw error(ExitCode::usage, "'{}' is no version of a package, no .dsc and no folder",
                options.to);
  if (!options.fixes.empty())
    throw error(ExitCode::usage, "--from and --to are the fix: no -p with them")
        .with_hint("--adapt FILE.patch goes on top of the update");
  if (!options.from.empty() && !bare)
    throw error(ExitCode::usage, "--from and --to take two versions of a NAME, not {}",
                options.source)
        .with_hint("the name alone with --from, or --to alone with " + options.source);
}

void check(DebOptions &options) {
  check_versions(options);
  if (options.fixes.empty() && options.to.empty() && options.adaptations.empty() &&
      !options.make.all && !options.make.shell)
    throw error(ExitCode::usage, "no fix given")
        .with_hint("-p FIX.patch, -p NAME of a patch in debian/patches, or --from and --to");
  if (options.here && !options.root.empty())
    throw error(ExitCode::usage, "--here builds on this system: no --root with it");
  if (options.here && options.make.shell)
    throw error(ExitCode::usage, "--shell opens a clean root: not with --here");
  if (options.here && options.measure)
    throw error(ExitCode::usage, "--measure builds in a clean root: not with --here");
  for (std::string &patch : options.adaptations) {
    if (!fs::is_regular_file(patch))
      throw error(ExitCode::usage, "{}: no such patch file", patch);
    patch = fs::absolute(patch).lexically_normal();
  }
  if (!options.root.empty()) {
    if (!fs::exists(options.root))
      throw error(ExitCode::usage, "{}: no such file or folder", options.root);
    options.root = fs::absolute(options.root).lexically_normal();
  }
  check_result_options(options.make);
  std::vector<std::string> named = options.make.targets;
  std::erase(named, kArchiveTarget);
  check_target_names(named);
}

void add_options(CommandLine &app, DebOptions &options) {
  app.option("-p,--patch", options.fixes,
             "a fix: a patch file, or the name of one in debian/patches, which the original\n"
             "is then without; may be given several times, in order")
      .type_name("FIX")
      .one_value_each();
  app.option("--from", options.from,
             "version that runs; with --to, instead of -p. SOURCE says it when it is\n"
             "NAME=VERSION, a .dsc or a tree")
      .type_name("VERSION");
  app.option("--to", options.to, "version that has the fixes, or its .dsc or tree")
      .type_name("VERSION");
  app.option("--adapt", options.adaptations, "changes to the fix, for live processes")
      .type_name("FILE.patch")
      .one_value_each();
  app.option("--root", options.root, "build in this root instead of the cached one")
      .type_name("TARBALL|DIR");
  app.flag("--update", options.update, "fetch the root's lists of packages anew");
  app.flag("--here", options.here, "build on this system, in no clean root");
  app.flag("--build-deps", options.build_deps,
           "with --here: install the build dependencies; a clean root always gets them");
  app.flag("-B,--arch-only", options.arch_only,
           "leave out packages without compiled files (Architecture: all), and what only\n"
           "they need, documentation mostly; Debian's build machines build them apart, too");
  app.option("--profiles", options.profiles, "build profiles, separated by commas").type_name("P");
  app.option("--build-options", options.build_options, "DEB_BUILD_OPTIONS").show_default();
  app.flag("--measure", options.measure, "build once more, plainly, to compare times");
  add_result_options(app, options.make);
  app.describe("--target",
               "what is patched instead of what the original build packs: `archive` (the binary\n"
               "packages of this version that apt has), a package (.deb), a folder, a file, or\n"
               "`installed`; may be given several times");
  app.option("source", options.source, "NAME, NAME=VERSION, FILE.dsc or an unpacked tree")
      .type_name("SOURCE")
      .required();
}

} // namespace

std::optional<DebOptions> read_deb_options(int argc, char **argv) {
  DebOptions options;
  options.build_options =
      fmt::format("nocheck parallel={}", std::max(1U, std::thread::hardware_concurrency()));
  CommandLine app(
      "Builds a Debian source package twice in a clean root, without and with a fix, and\n"
      "writes one <build-id>.kpatch for every executable and library that changed.");
  app.name("kpatch_make deb [OPTIONS] -p FIX SOURCE");
  app.footer(kExamples);
  add_options(app, options);
  if (!parse_make_command(app, options.make, argc, argv))
    return std::nullopt;
  check(options);
  return options;
}

} // namespace care::make
