// SPDX-License-Identifier: GPL-2.0-or-later
//
// A row for every object, whatever becomes of it.
#include <gtest/gtest.h>

#include "kpatch_make/objects/object_results.h"
#include "lib/base/temp_folder.h"
#include "tests/unit/environment_set.h"
#include "tests/unit/kpatch_make/linked_objects.h"

namespace care::make {
namespace {

class ObjectResults : public testing::Test {
 protected:
  ObjectResults() {
    link_object(original_.copy, original_.build_id, ".data\n.long 1");
    link_object(patched_.copy, patched_.build_id, ".data\n.long 2");
    write_file(folder_ / "kpatch_tool", "#!/bin/sh\n" + kSays, 0755);
  }

  Link link(const std::string &file, const std::string &build_id) const {
    Link link;
    link.output = "/tree/a.so";
    link.copy = folder_ / file;
    link.build_id = build_id;
    return link;
  }

  std::vector<PatchSummary> rows(const Pairing &pairing) {
    return make_rows(pairing, {}, {options_, types_, folder_ / "bundle", pairing.originals, words_})
        .rows;
  }

  // Text with a brace that is no JSON: the parser throws an exception of its own.
  const std::string kSays = "echo '{ this is no JSON'\n";
  TempFolder folder_;
  EnvironmentSet tool_{"KPATCH_TOOL", folder_ / "kpatch_tool"};
  MakeOptions options_;
  LayoutCheck types_;
  std::optional<std::set<std::string>> words_;
  Link original_ = link("original.elf", "11111111"), patched_ = link("patched.elf", "22222222");
};

TEST_F(ObjectResults, RefusesWhenThePatchCannotBeMade) {
  patched_.changed = true;
  Pairing pairing;
  pairing.changed.push_back({original_, patched_, "a.so"});
  pairing.originals = {original_};
  pairing.patched = {patched_};
  std::vector<PatchSummary> made = rows(pairing);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].verdict, ObjectVerdict::refused);
  EXPECT_NE(made[0].reason.find("a.so (/tree/a.so): "), std::string::npos) << made[0].reason;
  EXPECT_EQ(code_of(made), ExitCode::failure);
}

TEST_F(ObjectResults, RefusesWhenTheProofCannotBeRead) {
  Pairing pairing;
  pairing.originals = {original_};
  pairing.patched = {patched_};
  std::vector<PatchSummary> made = rows(pairing);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].verdict, ObjectVerdict::refused);
  EXPECT_NE(made[0].reason.find("both builds differ"), std::string::npos) << made[0].reason;
}

} // namespace
} // namespace care::make
