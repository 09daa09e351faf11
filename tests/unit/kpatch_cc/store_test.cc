// SPDX-License-Identifier: GPL-2.0-or-later
//
// How versions of one object's assembly find their counterparts.
#include <gtest/gtest.h>

#include "kpatch_cc/store.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"

namespace care::cc {
namespace {

class StoreTest : public testing::Test {
 protected:
  // The text that `patched` is paired with.
  static std::string counterpart(const Store &store, const std::string &patched) {
    Store::Pairing pair = store.pair_patched("/o", patched);
    return pair.original ? read_file(*pair.original) : "none";
  }

  TempFolder folder_;
};

TEST_F(StoreTest, PairsNothingWithNothing) {
  Store store(folder_.path());
  EXPECT_EQ(counterpart(store, "x"), "none");
}

TEST_F(StoreTest, PairsEqualTextsFirst) {
  Store store(folder_.path());
  store.keep_original("/o", "one");
  store.keep_original("/o", "two");
  EXPECT_EQ(counterpart(store, "two"), "two");
  Store::Pairing pair = store.pair_patched("/o", "one");
  EXPECT_TRUE(pair.known);
  EXPECT_EQ(pair.versions, 2u);
}

TEST_F(StoreTest, PairsTheKthWithTheKthThenWithTheLast) {
  Store store(folder_.path());
  store.keep_original("/o", "one");
  store.keep_original("/o", "two");
  EXPECT_EQ(counterpart(store, "one changed"), "one");
  EXPECT_EQ(counterpart(store, "two changed"), "two");
  EXPECT_EQ(counterpart(store, "three"), "two");
}

TEST_F(StoreTest, KeepsObjectsApart) {
  Store store(folder_.path());
  store.keep_original("/other", "one");
  EXPECT_EQ(counterpart(store, "one"), "none");
}

TEST_F(StoreTest, CountsWithinOneDriver) {
  Store store(folder_.path());
  EXPECT_EQ(store.next_ordinal("a"), 0u);
  EXPECT_EQ(store.next_ordinal("a"), 1u);
  EXPECT_EQ(store.next_ordinal("b"), 0u);
  store.forget_driver("a");
  EXPECT_EQ(store.next_ordinal("a"), 0u);
}

TEST_F(StoreTest, SaysFirstTimeOnce) {
  Store store(folder_.path());
  EXPECT_TRUE(store.first_time("mark"));
  EXPECT_FALSE(store.first_time("mark"));
}

TEST(StoreName, IsOneSequenceLineLong) {
  EXPECT_EQ(content_name("x").size() + 1, kSequenceLine);
  EXPECT_NE(content_name("x"), content_name("y"));
}

TEST(Stage, RefusesUnknownNames) {
  setenv(kStageVariable, "orignal", 1);
  EXPECT_THROW(stage_from_environment(), Error);
  setenv(kStageVariable, "configure", 1);
  EXPECT_EQ(stage_from_environment(), Stage::none);
  unsetenv(kStageVariable);
}

} // namespace
} // namespace care::cc
