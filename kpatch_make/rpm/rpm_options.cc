// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/rpm_options.h"

#include <filesystem>

#include "kpatch_make/objects/shipped_files.h"
#include "lib/base/error.h"
#include "lib/cli/command_line.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

constexpr const char *kExamples =
    "Examples:\n"
    "  kpatch_make rpm -p CVE-2026-0001.patch --target tool-1.2-3.x86_64.rpm tool-1.2-3.src.rpm\n"
    "  kpatch_make rpm -p 0007-fix.patch -o bundle SPECS/tool.spec    the spec's own patch:\n"
    "                                         the original is the package without it\n";

// Options that every rpm program knows, handed on as they are.
struct MacroOptions {
  std::vector<std::string> defines, undefines, loads, with, without;
};

void add_macro_options(CommandLine &app, MacroOptions &macros) {
  auto add = [&app](const char *name, std::vector<std::string> &values, const char *type,
                    const char *help) {
    app.option(name, values, help).type_name(type).one_value_each();
  };
  add("-D,--define", macros.defines, "'NAME VALUE'", "a macro, as for rpmbuild");
  add("--undefine", macros.undefines, "NAME", "take a macro away");
  add("--load", macros.loads, "FILE", "a file of macros, such as the distribution's");
  add("--with", macros.with, "FEATURE", "a condition of the spec");
  add("--without", macros.without, "FEATURE", "a condition of the spec, off");
}

std::vector<std::string> arguments_of(const MacroOptions &macros) {
  std::vector<std::string> arguments;
  auto add = [&arguments](const char *option, const std::vector<std::string> &values) {
    for (const std::string &value : values)
      arguments.insert(arguments.end(), {option, value});
  };
  for (const std::string &file : macros.loads) {
    if (!fs::is_regular_file(file))
      throw error(ExitCode::usage, "--load: {}: no such file of macros", file);
    add("--load", {fs::absolute(file).lexically_normal()});
  }
  for (const std::string &text : macros.defines)
    if (text.find(' ') == std::string::npos)
      throw error(ExitCode::usage, "--define '{}': a name and a value are needed", text)
          .with_hint("--define 'NAME VALUE'");
  add("--define", macros.defines);
  add("--undefine", macros.undefines);
  add("--with", macros.with);
  add("--without", macros.without);
  return arguments;
}

void check(RpmOptions &options) {
  if (options.source.empty())
    throw error(ExitCode::usage, "no source package given")
        .with_hint("kpatch_make rpm -p FIX.patch PACKAGE.src.rpm");
  bool spec = options.source.ends_with(".spec"), package = options.source.ends_with(".src.rpm");
  if (!spec && !package)
    throw error(ExitCode::usage, "{}: neither a .src.rpm nor a .spec", options.source)
        .with_hint(options.source.ends_with(".rpm")
                       ? "this is a binary package: give it with --target"
                       : "dnf download --source NAME fetches a .src.rpm");
  if (!fs::is_regular_file(options.source))
    throw error(ExitCode::usage, "{}: no such file", options.source);
  options.source = fs::absolute(options.source).lexically_normal();
  if (options.fixes.empty() && !options.make.all && !options.make.shell)
    throw error(ExitCode::usage, "no fix given: name at least one with -p")
        .with_hint("a patch file, or the name of a patch in the spec");
  if (!fs::path(options.topdir).is_absolute() || options.topdir.find('\'') != std::string::npos)
    throw error(ExitCode::usage, "--topdir: {} is no absolute path", options.topdir);
  options.topdir = fs::path(options.topdir).lexically_normal();
  if (fs::path(options.directory).is_absolute())
    throw error(ExitCode::usage, "-C: {} is not a folder within the sources", options.directory);
  check_result_options(options.make);
  check_target_names(options.make.targets);
}

} // namespace

std::optional<RpmOptions> read_rpm_options(int argc, char **argv) {
  RpmOptions options;
  MacroOptions macros;
  CommandLine app("Builds a source package of rpm twice, without and with a fix, and writes one\n"
                  "<build-id>.kpatch for every executable and shared object that changed.");
  app.name("kpatch_make rpm [OPTIONS] -p FIX SOURCE");
  app.footer(kExamples);
  app.option("-p,--patch", options.fixes,
             "a fix: a patch file, or a Patch of the spec by its file name (the original is\n"
             "then the package without it); may be given several times, in order")
      .type_name("FIX")
      .one_value_each();
  app.option("-C,--directory", options.directory,
             "folder within the unpacked sources where the fixes apply")
      .type_name("DIR");
  app.option("--topdir", options.topdir, "the path of the build; it need not exist")
      .type_name("DIR")
      .show_default();
  add_macro_options(app, macros);
  app.flag("--build-deps", options.build_deps, "have dnf install what the spec needs");
  app.flag("--check", options.check, "run the package's tests (%check) in both builds");
  add_result_options(app, options.make);
  app.option("source", options.source, "a .src.rpm, or a .spec with its sources beside it")
      .type_name("SOURCE");
  if (!parse_make_command(app, options.make, argc, argv))
    return std::nullopt;
  options.macros = arguments_of(macros);
  check(options);
  return options;
}

} // namespace care::make
