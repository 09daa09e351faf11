// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_gensrc: two assembly files in, the original with the changes appended
// out. The work is in generate.h; here is the command line.
//
// In a clean root it runs with libraries of its own beside it: see private_tools.h.
#include <fcntl.h>
#include <filesystem>

#include "kpatch_gensrc/asm/partitions.h"
#include "kpatch_gensrc/generate.h"
#include "kpatch_gensrc/report/report_json.h"
#include "kpatch_gensrc/spare_lines.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/mapped_file.h"
#include "lib/base/print.h"
#include "lib/base/version.h"
#include "lib/cli/command_line.h"

namespace care::gensrc {

namespace {

struct Options {
  std::string original;
  std::string patched;
  std::string renumbered; // or ""
  std::string output;
  std::string report; // file, or ""
  bool explain = false;
  bool all = false;
  bool json = false;
  bool verbose = false;
};

constexpr const char *kExamples = R"(
Examples:
  kpatch_gensrc a.original.s a.patched.s -o a.s
      a.s is a.original.s with .kpatch.* sections appended; assemble and link it
      in the original's place.
  kpatch_gensrc --explain a.original.s a.patched.s -o /dev/null
      Only say what changed and why.
  kpatch_gensrc original/ patched/ -o out/
      The partitions of one link with -flto, 0.s, 1.s and so on, compared as one.

Exit codes: 0 done (also when nothing changed), 2 bad command line, 3 unreadable
assembly, 6 a change that cannot be carried into a running process.
)";

void print_text(const Report &report) {
  if (report.nothing())
    print_out("nothing changed\n");
  for (const Report::Function &function : report.changed) {
    print_out("changed function {}: {}\n", function.name, function.difference.part);
    auto side = [](const char *mark, const DifferingStatement &statement) {
      if (statement.text.empty())
        print_out("  {} (nothing)\n", mark);
      else
        print_out("  {} {:<40} {}\n", mark, statement.text, statement.where);
    };
    side("-", function.difference.original);
    side("+", function.difference.patched);
  }
  for (const std::string &name : report.new_functions)
    print_out("new function {}\n", name);
  for (const std::string &name : report.new_data)
    print_out("new data {}\n", name);
  for (const std::string &name : report.removed)
    print_out("removed: {} (stays in the original code)\n", name);
  for (const std::string &name : report.spared)
    print_out("spared: {} (only its line numbers differ)\n", name);
  for (const std::string &note : report.notes)
    print_out("note: {}\n", note);
  for (const std::string &function : report.left_out)
    print_out("left out: {}\n", function);
}

// The original's text and what follows it, without a copy of the former.
void write_output(const std::string &path, std::string_view original, std::string_view appended) {
  std::string whole;
  whole.reserve(original.size() + appended.size() + 1);
  whole += original;
  if (!appended.empty() && !original.empty() && original.back() != '\n')
    whole += '\n';
  whole += appended;
  if (path == "-" || path.starts_with("/dev/"))
    write_all(path == "-" ? 1 : open_file(path, O_WRONLY).get(), whole, path);
  else
    write_file(path, whole);
}

void print_report(const Options &options, const Generated &generated) {
  if (!options.report.empty())
    write_file(options.report, report_json(generated.report) + "\n");
  if (options.json)
    print_json(report_json(generated.report));
  else if (options.explain)
    print_text(generated.report);
  log_info("{}: {} changed, {} new functions, {} new data", options.patched,
           generated.report.changed.size(), generated.report.new_functions.size(),
           generated.report.new_data.size());
}

void generate_files(const Options &options) {
  MappedFile original(options.original);
  MappedFile patched(options.patched);
  Listings listings = options.report.empty() ? Listings::no : Listings::yes;
  Generated generated;
  if (options.renumbered.empty()) {
    generated = generate(options.original, original.text(), options.patched, patched.text(),
                         listings, options.all ? Scope::all : Scope::changes);
  } else {
    MappedFile renumbered(options.renumbered);
    generated = generate_sparing_lines({options.original, original.text()},
                                       {options.patched, patched.text()},
                                       {options.renumbered, renumbered.text()}, listings);
  }
  write_output(options.output, original.text(), generated.appended);
  print_report(options, generated);
}

// The partitions of a link-time-optimised link, as one.
void generate_partitions(const Options &options) {
  Partitions original(options.original);
  Partitions patched(options.patched);
  JoinedParts before(original.parts());
  JoinedParts after(patched.parts());
  Generated generated = generate(options.original, before.text(), options.patched, after.text(),
                                 options.report.empty() ? Listings::no : Listings::yes,
                                 options.all ? Scope::all : Scope::changes);
  std::vector<std::string> appended = before.split(generated.appended);
  std::filesystem::create_directories(options.output);
  for (size_t i = 0; i < appended.size(); i++)
    write_output(partition_path(options.output, i), original.text(i), appended[i]);
  print_report(options, generated);
}

int gensrc_main(int argc, char **argv) {
  Options options;
  CommandLine app("Compares two assembly files of one source, before and after a fix, and writes\n"
                  "the first one with the changed functions and new data appended.");
  app.footer(kExamples);
  app.version(fmt::format("kpatch_gensrc {}", kVersion));
  app.option("ORIGINAL", options.original, "assembly of the unpatched source").required();
  app.option("PATCHED", options.patched, "assembly of the patched source").required();
  app.option("--renumbered", options.renumbered,
             "the patched source compiled with the original's line numbers: functions that\n"
             "are unchanged in it are spared");
  app.option("-o,--output", options.output, "the result; - for standard output").required();
  app.flag("--explain", options.explain, "say on standard output why each function changed");
  app.flag("--json", options.json, "the same as JSON");
  app.option("--report", options.report,
             "write the same to a file, with the assembly of both sides for each function")
      .type_name("FILE");
  app.flag("--all", options.all,
           "a test: replace every function, changed or not, except those that cannot be");
  app.flag("-v,--verbose", options.verbose, "say more on standard error");
  if (std::optional<int> status = app.parse(argc, argv))
    return *status;
  set_log_name("kpatch_gensrc");
  if (options.verbose)
    set_log_level(LogLevel::info);
  if (std::filesystem::is_directory(options.original))
    generate_partitions(options);
  else
    generate_files(options);
  return static_cast<int>(ExitCode::ok);
}

} // namespace

} // namespace care::gensrc

int main(int argc, char **argv) {
  return care::run_main("kpatch_gensrc", care::gensrc::gensrc_main, argc, argv);
}
