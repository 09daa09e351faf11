// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which linked object of the patched build belongs to which of the original build.
#include <gtest/gtest.h>

#include "kpatch_make/objects/object_pairing.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"
#include "tests/unit/kpatch_make/linked_objects.h"

namespace care::make {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

constexpr const char *kOne = "11111111", *kTwo = "22222222", *kThree = "33333333";
// What kpatch_gensrc leaves in an object.
constexpr const char *kChanged = ".section .kpatch.text,\"ax\"\nnop";
constexpr const char *kRefused = ".section .kpatch.refused\n.asciz \"a.c: no\"\n.asciz \"b.c: no\"";
constexpr const char *kSpared = ".section .kpatch.spared\n.byte 0";

class ObjectPairing : public testing::Test {
 protected:
  ObjectPairing() {
    fs::create_directories(tree_.place);
    fs::create_directories(tree_.patched);
  }

  // A link of one build, which leaves it below `left` in its tree ("": nowhere).
  void link(const std::string &stage, const std::string &output, const std::string &build_id,
            const std::string &assembly, const std::string &left) {
    std::string file = folder_ / fmt::format("linked{}", ++count_);
    link_object(file, build_id, assembly);
    record_link(folder_ / "store/links/" + stage, count_, output, file);
    if (left.empty())
      return;
    fs::path to = (stage == kStageOriginal ? tree_.place : tree_.patched) + "/" + left;
    fs::create_directories(to.parent_path());
    fs::copy_file(file, to, fs::copy_options::overwrite_existing);
  }
  void original(const std::string &path, const std::string &build_id,
                const std::string &assembly = "") {
    link(kStageOriginal, "/tree/" + path, build_id, assembly, path);
  }
  void patched(const std::string &path, const std::string &build_id,
               const std::string &assembly = "") {
    link(kStagePatched, "/tree/" + path, build_id, assembly, path);
  }
  Pairing pair() { return pair_links(folder_ / "store", tree_); }

  TempFolder folder_;
  BuiltTree tree_{"/tree", folder_ / "first", folder_ / "second", false};
  int count_ = 100; // names of records sort as their numbers
};

TEST_F(ObjectPairing, GoesByThePath) {
  original("a.so", kOne);
  original("sub/b.so", kTwo);
  patched("sub/b.so", kTwo, kChanged);
  patched("a.so", kOne);
  Pairing pairing = pair();
  ASSERT_EQ(pairing.originals.size(), 2U);
  EXPECT_EQ(pairing.originals[0].output, "/tree/a.so");
  EXPECT_EQ(pairing.patched[1].output, "/tree/sub/b.so");
  ASSERT_EQ(pairing.changed.size(), 1U);
  EXPECT_EQ(pairing.changed[0].object, "b.so");
  EXPECT_EQ(pairing.changed[0].original.build_id, kTwo);
  EXPECT_FALSE(pairing.changed[0].original.changed);
  EXPECT_TRUE(pairing.changed[0].patched.changed);
  EXPECT_TRUE(pairing.added.empty());
}

TEST_F(ObjectPairing, ReadsWhatObjectsSay) {
  original("a.so", kOne);
  original("b.so", "", ".data\n.long 1");
  patched("a.so", kOne, kRefused);
  patched("b.so", "", kSpared);
  Pairing pairing = pair();
  ASSERT_EQ(pairing.changed.size(), 1U);
  EXPECT_EQ(pairing.changed[0].patched.refused, (Names{"a.c: no", "b.c: no"}));
  EXPECT_EQ(pairing.changed[0].patched.inputs, (Names{"/tree/a.o", "/usr/lib/b.o"}));
  ASSERT_EQ(pairing.patched.size(), 2U);
  EXPECT_TRUE(pairing.patched[1].moved_lines);
  EXPECT_EQ(pairing.patched[1].build_id, "");
}

TEST_F(ObjectPairing, TakesTheLastOfSeveralLinks) {
  original("a.so", kOne);
  original("a.so", kTwo);
  patched("a.so", kOne, kChanged);
  patched("a.so", kThree, kChanged);
  Pairing pairing = pair();
  // The first is nowhere any more.
  ASSERT_EQ(pairing.changed.size(), 1U);
  EXPECT_EQ(pairing.changed[0].original.build_id, kTwo);
  EXPECT_EQ(pairing.changed[0].patched.build_id, kThree);
  EXPECT_EQ(pairing.originals.size(), 1U);
}

TEST_F(ObjectPairing, FindsAnEarlierLinkUnderAnotherName) {
  link(kStageOriginal, "/tree/a.so", kOne, "", "kept/first.so");
  original("a.so", kTwo);
  patched("a.so", kOne, kChanged);
  patched("a.so", kTwo, kChanged);
  Pairing pairing = pair();
  ASSERT_EQ(pairing.changed.size(), 2U);
  EXPECT_EQ(pairing.changed[0].object, "a.so");
  EXPECT_EQ(pairing.changed[1].original.build_id, kOne);
  EXPECT_EQ(pairing.changed[1].object, "first.so");
}

TEST_F(ObjectPairing, LeavesOutWhatIsGone) {
  link(kStageOriginal, "/tree/conftest", kOne, "", "");
  link(kStagePatched, "/tree/conftest", kOne, kChanged, "");
  Pairing pairing = pair();
  EXPECT_TRUE(pairing.changed.empty());
  EXPECT_TRUE(pairing.originals.empty());
}

TEST_F(ObjectPairing, LeavesOutIntermediateLinks) {
  record_link(folder_ / "store/links/original", 1, "/tree/all.o", "");
  record_link(folder_ / "store/links/patched", 1, "/tree/all.o", "");
  EXPECT_TRUE(pair().originals.empty());
}

TEST_F(ObjectPairing, MakesOnePatchOfCopies) {
  for (const char *path : {"a.so", "b.so"}) {
    original(path, kOne);
    patched(path, kTwo, kChanged);
  }
  Pairing pairing = pair();
  ASSERT_EQ(pairing.changed.size(), 1U);
  EXPECT_EQ(pairing.changed[0].original.output, "/tree/a.so");
  EXPECT_EQ(pairing.changed[0].copies, Names{"/tree/b.so"});
  EXPECT_EQ(pairing.originals.size(), 2U);
}

TEST_F(ObjectPairing, KeepsObjectsWithoutBuildIdApart) {
  for (const char *path : {"a.so", "b.so"}) {
    original(path, "");
    patched(path, "", kChanged);
  }
  EXPECT_EQ(pair().changed.size(), 2U);
}

TEST_F(ObjectPairing, NamesWhatOnlyThePatchedBuildLinks) {
  original("a.so", kOne);
  patched("a.so", kOne);
  patched("new.so", kTwo, kChanged);
  patched("plain.so", kTwo);
  link(kStagePatched, "/tree/probe", kThree, kChanged, "");
  EXPECT_EQ(pair().added, Names{"/tree/new.so"});
}

TEST_F(ObjectPairing, FindsPackedCopies) {
  tree_.all_places = true;
  original("a.so", kOne, ".data\n.long 7");
  link_object(folder_ / "first/pack/usr/lib/a.so", kTwo, ".data\n.long 7"); // another build-id
  link_object(folder_ / "first/pack/other.so", kThree, ".data\n.long 8");
  patched("a.so", kOne, kChanged);
  Pairing pairing = pair();
  ASSERT_EQ(pairing.originals.size(), 1U);
  EXPECT_EQ(pairing.originals[0].places,
            (Names{"/tree/a.so", folder_ / "first/a.so", folder_ / "first/pack/usr/lib/a.so"}));
  EXPECT_EQ(pairing.originals[0].packed_ids, (Names{kOne, kTwo}));
}

TEST_F(ObjectPairing, IsOfNothingWithoutRecords) {
  Pairing pairing = pair();
  EXPECT_TRUE(pairing.changed.empty() && pairing.originals.empty() && pairing.added.empty());
}

TEST(LoadedContent, IsThatOfAllButNotes) {
  TempFolder folder;
  link_object(folder / "a", kOne, ".data\n.long 7");
  link_object(folder / "b", kTwo, ".data\n.long 7");
  link_object(folder / "c", kOne, ".data\n.long 8");
  write_file(folder / "text", "no ELF file, but longer than the header of one would have to be");
  EXPECT_EQ(loaded_content(folder / "a"), loaded_content(folder / "b"));
  EXPECT_NE(loaded_content(folder / "a"), loaded_content(folder / "c"));
  EXPECT_FALSE(loaded_content(folder / "a").empty());
  EXPECT_EQ(loaded_content(folder / "text"), "");
}

} // namespace
} // namespace care::make
