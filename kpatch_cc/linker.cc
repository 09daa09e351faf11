// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/linker.h"

#include <cstdlib>

#include "kpatch_cc/driver.h"
#include "kpatch_cc/find_program.h"
#include "kpatch_cc/link_record.h"
#include "kpatch_cc/linker_line.h"
#include "kpatch_cc/lto_wrapper.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/response_file.h"
#include "kpatch_cc/store.h"
#include "kpatch_cc/template_instances.h"
#include "lib/base/error.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

// gold 2.40 ends with an internal error (do_layout, object.cc) when it folds
// identical functions and keeps relocations.
void refuse_folding(const Store &store, const std::string &linker, const LinkerLine &line,
                    const std::vector<std::string> &arguments) {
  if (linker.find("gold") == std::string::npos)
    return;
  for (const std::string &arg : arguments)
    if (arg == "--icf=all" || arg == "--icf=safe" || arg == "-icf=all" || arg == "-icf=safe") {
      std::string what = fmt::format(
          "{}: gold cannot link with {} and keep relocations: link with another linker, or "
          "without {} if the program that runs was",
          absolute_path(line.output), arg, arg);
      store.log(kStoreStopped, what);
      throw error(ExitCode::unsupported, "{}", what);
    }
}

bool reads_scripts(const std::string &linker) {
  return linker.find("gold") == linker.npos && linker.find("mold") == linker.npos;
}

} // namespace

int run_linker(const std::string &name, const std::vector<std::string> &arguments) {
  Stage stage = stage_from_environment();
  std::string base = name.substr(name.rfind('/') + 1);
  std::string real = find_binutil(base);
  std::vector<std::string> expanded = expand_responses(arguments);
  LinkerLine line = read_linker_line(expanded);
  const char *output = getenv(kOutputVariable);
  bool probe = is_probe(absolute_path(line.output)) || (output != nullptr && is_probe(output));
  if (stage == Stage::none || line.query || probe)
    exec_program(real, arguments);

  Store store = Store::from_environment();
  if (stage == Stage::patched)
    refuse_folding(store, base, line, expanded);
  bool lto = take_lto_wrapper(expanded, store, line.output);
  bool instruments = stage == Stage::patched && !line.relocatable && !line.foreign;
  std::vector<std::string> argv = instruments ? instrumented(expanded) : lto ? expanded : arguments;
  argv.insert(argv.begin(), real);
  Command command;
  command.argv = argv;
  bool more = instruments && reads_scripts(base) && has_shared_names(store);
  command.capture = more;
  Outcome outcome = run(command);
  if (more)
    if (auto status = link_missing_shared_names(store, line, argv, outcome.exit_status))
      outcome = {*status, ""};
  pass_on(stderr, outcome.output);
  if (!outcome.ok())
    return outcome.exit_status;
  record_link(store, stage, line, argv);
  if (const char *driver = getenv(kDriverVariable); driver != nullptr)
    store.forget_driver(driver);
  return 0;
}

} // namespace care::cc
