// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/options.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>

#include "kpatch_make/objects/delivery.h"
#include "kpatch_make/objects/shipped_files.h"
#include "lib/base/error.h"
#include "lib/base/version.h"
#include "lib/cli/command_line.h"
#include "lib/layout/verdict.h"
#include "lib/patchfile/patch_file.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

constexpr const char *kExamples =
    "Source packages, fetched, built and bound to what was shipped:\n"
    "  kpatch_make deb --help    Debian\n"
    "  kpatch_make rpm --help    rpm\n\n"
    "Examples:\n"
    "  kpatch_make -p CVE-2026-0001.patch -o bundle -- sh -c './configure && make -j8'\n"
    "  kpatch_make -C ~/src/tool -p fix.patch --target /usr/bin/tool -- make -B\n"
    "  libcare-ctl patch -p all bundle\n";

void check(MakeOptions &options) {
  std::error_code failure;
  fs::path directory = fs::canonical(options.directory, failure);
  if (failure || !fs::is_directory(directory))
    throw error(ExitCode::usage, "{}: no such folder", options.directory);
  if (directory == "/")
    throw error(ExitCode::usage, "the root folder is no source tree");
  options.directory = directory;
  if (options.patches.empty() && !options.all && !options.shell)
    throw error(ExitCode::usage, "no fix given: name at least one patch with -p");
  for (std::string &patch : options.patches) {
    if (!fs::is_regular_file(patch))
      throw error(ExitCode::usage, "{}: no such patch file", patch);
    patch = fs::absolute(patch).lexically_normal();
  }
  check_result_options(options);
  check_target_names(options.targets);
  if (options.command.empty())
    throw error(ExitCode::usage, "no build command").with_hint("kpatch_make -p FIX.patch -- make");
}

} // namespace

void add_result_options(CommandLine &app, MakeOptions &options) {
  options.bundle = "bundle";
  app.option("-o,--output", options.bundle, "folder for the .kpatch files")
      .type_name("BUNDLE")
      .show_default();
  app.option("--target", options.targets,
             "what is patched instead of the build's own objects: a package (.deb, .rpm), a\n"
             "folder, a file, or `installed`; may be given several times")
      .type_name("TARGET")
      .one_value_each();
  app.flag("--partial", options.partial,
           "write the bundle although some objects are refused (exit code 13)");
  app.option("--strip-level", options.reading.strip, "N of patch -pN; found by trial by default");
  app.option("--skip", options.reading.skip,
             "leave out what the fixes do to this file, folder or pattern, tests and\n"
             "documentation for one; may be given several times")
      .type_name("PATH")
      .one_value_each();
  app.option("--name", options.name,
             "patch name: levels count within a name, patches of other names stack");
  app.option("--level", options.level, "patch level stored in the .kpatch files");
  app.option("--description", options.description, "text stored in the .kpatch files");
  app.option("--keep", options.keep, "keep objects, logs and the original build's tree in DIR")
      .type_name("DIR");
  app.flag("--all", options.all,
           "a test, with or without a fix: replace every function, changed or not, except\n"
           "those that cannot be; a program patched so behaves as before");
  app.flag("--strict-lines", options.strict_lines,
           "replace functions too of which only line numbers (__LINE__) changed");
  app.option("--report", options.report, "write a page for the reviewer of the patch")
      .type_name("FILE.html");
  app.option("--json", options.json, "the same as JSON, to stdout without FILE")
      .type_name("FILE")
      .optional_value();
  app.option("--accept-layout", options.accept_layout,
             "why it is no danger that a type changed; may be given several times")
      .type_name("'struct NAME: REASON'")
      .one_value_each();
  app.option("--headers", options.headers,
             "headers that the library publishes: a folder, a file or a package; exported\n"
             "functions that they do not name are taken for its own affair")
      .type_name("HEADERS")
      .one_value_each();
  app.flag("--no-types", options.no_types,
           "do not compare the types of both builds (layout of live objects)");
  app.flag("--shell", options.shell, "open a shell in the patched tree before it is built");
  app.flag("-v,--verbose", options.verbose, "show the builds' own output");
}

void check_result_options(MakeOptions &options) {
  options.bundle = fs::absolute(options.bundle).lexically_normal();
  if (!options.keep.empty()) {
    options.keep = fs::absolute(options.keep).lexically_normal();
    check_keep(options.keep);
  }
  if (!options.report.empty())
    options.report = fs::absolute(options.report).lexically_normal();
  Acceptances accepted;
  for (const std::string &text : options.accept_layout)
    accept_layout(accepted, text);
  for (std::string &headers : options.headers) {
    if (!fs::exists(headers))
      throw error(ExitCode::usage, "--headers: {}: no such folder, file or package", headers);
    headers = fs::absolute(headers).lexically_normal();
  }
  for (std::string &target : options.targets)
    if (fs::exists(target))
      target = fs::absolute(target).lexically_normal();
  if (!valid_patch_name(options.name))
    throw error(ExitCode::usage, "--name: '{}' is no name (letters, digits and -._+, at most 64)",
                options.name);
}

bool parse_make_command(CommandLine &app, MakeOptions &options, int argc, char **argv) {
  app.version(fmt::format("kpatch_make {}", kVersion));
  app.usage_is_name();
  // CLI11 takes the -- for the end of an option's list when one stands in front of it.
  int end = argc;
  if (app.has_option("command"))
    end = static_cast<int>(std::find(argv, argv + argc, std::string_view("--")) - argv);
  try {
    if (!app.parse_or_throw(end, argv))
      return false;
  } catch (Error &mistake) {
    throw std::move(mistake).with_hint("kpatch_make --help");
  }
  if (end < argc)
    options.command.insert(options.command.end(), argv + end + 1, argv + argc);
  if (app.was_given("--json") && options.json.empty())
    options.json = "-";
  return true;
}

std::optional<MakeOptions> read_make_options(int argc, char **argv) {
  MakeOptions options;
  options.directory = ".";
  CommandLine app("Builds a source tree twice, without and with a fix, and writes one\n"
                  "<build-id>.kpatch for every executable and shared object that changed.");
  app.name("kpatch_make [OPTIONS] -p FIX.patch -- BUILD COMMAND...");
  app.footer(kExamples);
  app.option("-p,--patch", options.patches, "a fix; may be given several times, in order")
      .type_name("FIX.patch")
      .one_value_each();
  app.option("-C,--directory", options.directory, "the source tree")
      .type_name("DIR")
      .show_default();
  add_result_options(app, options);
  app.option("command", options.command, "the build command, after --");
  if (!parse_make_command(app, options, argc, argv))
    return std::nullopt;
  check(options);
  return options;
}

} // namespace care::make
