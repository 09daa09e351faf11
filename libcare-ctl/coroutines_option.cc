// SPDX-License-Identifier: GPL-2.0-or-later
//
// --coroutines: how much is done about stacks that no thread runs on.
#include <CLI/CLI.hpp>

#include "libcare-ctl/command.h"

namespace care {

void add_coroutines_option(CLI::App &command, CoroutineMode &mode) {
  static const std::map<std::string, CoroutineMode> kModes = {{"auto", CoroutineMode::automatic},
                                                              {"scan", CoroutineMode::scan},
                                                              {"off", CoroutineMode::off}};
  command
      .add_option("--coroutines", mode,
                  "Stacks that no thread runs on: 'auto' looks where there are signs of them, "
                  "'scan' reads all memory in the stop, 'off' does not look")
      ->type_name("auto|scan|off")
      ->transform(CLI::CheckedTransformer(kModes, CLI::ignore_case).description(""))
      ->default_str("auto");
}

} // namespace care
