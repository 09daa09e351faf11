// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_tool types: which types two builds of the same source disagree about, and what
// that means for a process that has objects of the old ones.
#include <filesystem>
#include <memory>

#include "kpatch_tool/commands.h"
#include "lib/base/error.h"
#include "lib/base/print.h"
#include "lib/cli/command_line.h"
#include "lib/elf/elf_file.h"
#include "lib/json/json.h"
#include "lib/layout/check_types.h"
#include "lib/layout/describe.h"

namespace care::tool {

namespace {

struct TypesOptions {
  std::string original, patched;
  std::vector<std::string> changed;
  std::vector<std::string> accept;
  bool json = false;
};

// Its debug information is the original's, whatever its code does.
void refuse_instrumented(const std::string &path) {
  if (std::filesystem::is_directory(path))
    return;
  ElfFile file(path);
  for (const ElfSection &section : file.sections())
    if (section.name.starts_with(".kpatch."))
      throw error(ExitCode::bad_input,
                  "{}: an instrumented link; its debug information is the original's", path)
          .with_hint("compare plain builds; kpatch_make compares the types of both by itself");
}

int types(const TypesOptions &options) {
  refuse_instrumented(options.original);
  refuse_instrumented(options.patched);
  Acceptances accepted;
  for (const std::string &text : options.accept)
    accept_layout(accepted, text);
  TypesInput input{options.original,
                   options.patched,
                   "",
                   {options.changed.begin(), options.changed.end()},
                   !options.changed.empty()};
  LayoutReport report;
  check_types(input, accepted, report);
  settle_signatures(report);
  if (options.json)
    print_json(layout_json(report).sorted_text(2));
  else if (std::string text = describe_layout(report); !text.empty())
    print_text(stdout, text);
  else
    print_out("all types are the same\n");
  return static_cast<int>(report.refused() ? ExitCode::unsupported : ExitCode::ok);
}

} // namespace

void add_types_command(CommandLine &app, int &exit_code) {
  auto options = std::make_shared<TypesOptions>();
  CommandLine &command = app.subcommand(
      "types", "Compare the types of two builds: what changed that live objects have");
  command.option("original", options->original, "Object or linked file with -g").required();
  command.option("patched", options->patched, "The same one of the patched source").required();
  command
      .option("--changed", options->changed,
              "Symbols of the functions that changed (default: any may have)")
      .delimiter(',');
  command
      .option("--accept-layout", options->accept,
              "Why old objects of a type do not matter; may be given several times")
      .type_name("'struct NAME: REASON'")
      .one_value_each();
  command.flag("--json", options->json, "One JSON object on stdout");
  command.footer("Example:\n"
                 "  kpatch_tool types build/server.o fixed/server.o --changed answer,parse\n"
                 "Both files are plain builds: in an instrumented link the debug information is\n"
                 "the original's. Exit codes: 0 nothing that matters, 3 malformed input,\n"
                 "6 a type changed that live objects may have.");
  command.on_chosen([options, &exit_code] { exit_code = types(*options); });
}

} // namespace care::tool
