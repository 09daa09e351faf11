// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl info: the command line; info.h lists what it can be asked.
#include <memory>

#include "lib/cli/command_line.h"
#include "libcare-ctl/info.h"

namespace care::ctl {

namespace {

ExitCode run_info(InfoOptions options) {
  if (options.pids.empty() && options.core.empty() && (options.bundle.empty() || options.gdb))
    throw error(ExitCode::usage, "info: -p PID, --core FILE or a bundle is required");
  if (options.gdb)
    return show_gdb_commands(options);
  if (!options.core.empty())
    return show_core(options);
  if (options.perf_map)
    return write_perf_maps(options);
  if (options.bundle.empty())
    return show_patches(options);
  if (options.pids.empty())
    options.pids = "all";
  return show_coverage(options);
}

} // namespace

void add_info_command(CommandLine &app, CommandRun &run) {
  auto options = std::make_shared<InfoOptions>();
  CommandLine &command = app.subcommand("info", "Show which processes carry which patches");
  command
      .option("-p,--pid", options->pids,
              "Process id, several with commas, or 'all' (with a bundle the default)")
      .type_name("PID");
  command
      .option("bundle,--bundle", options->bundle,
              "A .kpatch file, or a folder of them: show what should carry them, too")
      .type_name("BUNDLE");
  command.flag("--json", options->json, "Print as JSON");
  command.flag("--all-objects", options->all_objects,
               "With -p all: list unpatched processes and objects too");
  command.option("--core", options->core, "Look at the core dump of a process instead")
      .type_name("FILE")
      .excludes("--pid");
  command
      .flag("--gdb", options->gdb,
            "Print the commands that tell gdb of the patches; wants the bundle")
      .excludes("--json");
  command
      .flag("--perf-map", options->perf_map,
            "Write /tmp/perf-PID.map in the process's own /tmp, for perf")
      .excludes("--json")
      .excludes("--core")
      .excludes("--gdb");
  command.footer("Nothing is stopped or traced. With a bundle the exit code is 11 when something\n"
                 "that should carry one of its patches does not.\n"
                 "\n"
                 "Examples:\n"
                 "  libcare-ctl info -p 4711\n"
                 "  libcare-ctl info -p all --json\n"
                 "  libcare-ctl info fix/ || echo 'not all is patched'\n"
                 "  libcare-ctl info --core core.4711\n"
                 "  gdb -p 4711 -x <(libcare-ctl info --gdb -p 4711 fix/)\n");
  command.on_chosen([options, &run] { run = [options] { return run_info(*options); }; });
}

} // namespace care::ctl
