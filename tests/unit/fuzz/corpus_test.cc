// SPDX-License-Identifier: GPL-2.0-or-later
//
// Replays the seeds of the fuzzers and what they once found (tests/fuzz/corpus);
// a crash or a broken promise ends the test program.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "lib/base/fd.h"
#include "tests/fuzz/targets.h"

namespace care {
namespace {

void replay(const std::string &name, void (*target)(std::string_view)) {
  size_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator("tests/fuzz/corpus/" + name)) {
    SCOPED_TRACE(entry.path().string());
    std::string bytes = read_file(entry.path().string());
    target(bytes);
    // Cut off in the middle, as files are.
    target(std::string_view(bytes).substr(0, bytes.size() / 2));
    files++;
  }
  EXPECT_GT(files, 0U);
}

TEST(Corpus, Assembly) {
  replay("assembly", fuzz_assembly);
}

TEST(Corpus, Patchfile) {
  replay("patchfile", fuzz_patchfile);
}

TEST(Corpus, Region) {
  replay("region", fuzz_region);
}

} // namespace
} // namespace care
