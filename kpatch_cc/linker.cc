// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/linker.h"

#include <cstdlib>

#include "kpatch_cc/driver.h"
#include "kpatch_cc/find_program.h"
#include "kpatch_cc/link_record.h"
#include "kpatch_cc/linker_line.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/response_file.h"
#include "kpatch_cc/store.h"
#include "lib/base/error.h"
#include "lib/base/subprocess.h"

namespace care {

int run_linker(const std::string &name, const std::vector<std::string> &arguments) {
  Stage stage = stage_from_environment();
  std::string real = find_binutil(name.substr(name.rfind('/') + 1));
  std::vector<std::string> expanded = expand_responses(arguments);
  LinkerLine line = read_linker_line(expanded);
  const char *output = getenv(kOutputVariable);
  bool probe = is_probe(absolute_path(line.output)) || (output != nullptr && is_probe(output));
  if (stage == Stage::none || line.query || probe)
    exec_program(real, arguments);

  std::vector<std::string> argv =
      stage == Stage::patched && !line.relocatable ? instrumented(expanded) : arguments;
  argv.insert(argv.begin(), real);
  Command command;
  command.argv = argv;
  Outcome outcome = run(command);
  if (!outcome.ok())
    return outcome.exit_status;
  Store store = Store::from_environment();
  record_link(store, stage, line, argv);
  if (const char *driver = getenv(kDriverVariable); driver != nullptr)
    store.forget_driver(driver);
  return outcome.exit_status;
}

} // namespace care
