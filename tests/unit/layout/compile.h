// SPDX-License-Identifier: GPL-2.0-or-later
//
// Small sources, compiled with debug information for a test to read.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lib/base/fd.h"
#include "lib/base/subprocess.h"

namespace care {

// Writes `text` to `source` and has `compiler` make `output` of it.
inline void compile_source(const std::string &compiler, const std::string &source,
                           const std::string &text, const std::string &output,
                           const std::vector<std::string> &options) {
  write_file(source, text, 0644);
  Command command;
  command.argv = {compiler, source, "-o", output};
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  command.capture = true;
  Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome.output;
}

} // namespace care
