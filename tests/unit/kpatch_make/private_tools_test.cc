// SPDX-License-Identifier: GPL-2.0-or-later
//
// Giving a program another interpreter.
#include "kpatch_make/deb/private_tools.h"

#include <filesystem>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

class Interpreter : public testing::Test {
 protected:
  Interpreter() { fs::copy_file("/bin/true", folder_ + "/true"); }
  int status() {
    Command command;
    command.argv = {folder_ + "/true"};
    return run(command).exit_status;
  }

  TempFolder temporary_;
  const std::string &folder_ = temporary_.path();
};

TEST_F(Interpreter, IsTheOneThatIsNamed) {
  std::string loader = folder_ + "/ld.so";
  set_interpreter(folder_ + "/true", loader);
  EXPECT_THROW(status(), Error); // it is not there yet
  fs::copy_file(fs::canonical("/lib64/ld-linux-x86-64.so.2"), loader);
  EXPECT_EQ(status(), 0);
}

TEST_F(Interpreter, OfAFileThatHasNone) {
  write_file(folder_ + "/text", "#!/bin/sh\n");
  EXPECT_THROW(set_interpreter(folder_ + "/text", "/ld.so"), Error);
  EXPECT_THROW(set_interpreter(folder_ + "/nothing", "/ld.so"), Error);
}

} // namespace
} // namespace care::make
