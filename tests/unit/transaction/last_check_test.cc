// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/transaction/last_check.h"

#include <cstring>

#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/base/error.h"

namespace care {

namespace {

// This process is its own target: a region, an object's build-id and a function's bytes.
class LastCheckTest : public ::testing::Test {
 protected:
  LastCheckTest() : memory_(getpid()) {
    memcpy(region_, kRegionMagic, sizeof region_);
    request_.states = {{address(region_), RegionState::staged}};
    LoadedObject object;
    object.name = "libstep.so";
    object.build_id = "0123456789";
    object.build_id_at = address(build_id_);
    request_.objects = {object};
    request_.writes = {{"step", address(code_), {1, 2, 3, 4, 5}, {0xe9}}};
  }

  template<typename T>
  static RemoteAddr address(T &place) {
    return RemoteAddr(reinterpret_cast<uintptr_t>(&place));
  }

  // What is said when it throws an error of this kind, or "" when it does not.
  template<typename E>
  std::string says() {
    try {
      LastCheck(request_).run(memory_);
    } catch (const E &e) {
      return e.what();
    }
    return "";
  }

  RemoteMemory memory_;
  char region_[sizeof kRegionMagic];
  char build_id_[10] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'};
  uint8_t code_[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  CommitRequest request_;
};

TEST_F(LastCheckTest, PassesMoreThanOnce) {
  LastCheck check(request_);
  check.run(memory_);
  check.run(memory_);
}

TEST_F(LastCheckTest, SeesAnotherProgram) {
  region_[3] ^= 1;
  EXPECT_NE(says<Error>().find("executed another program"), std::string::npos);
}

TEST_F(LastCheckTest, SeesThatTheRegionIsGone) {
  request_.states = {{RemoteAddr(4096), RegionState::staged}};
  EXPECT_NE(says<Error>().find("executed another program"), std::string::npos);
}

TEST_F(LastCheckTest, SeesAnotherObject) {
  build_id_[9] ^= 1;
  EXPECT_NE(says<ObjectGone>().find("libstep.so was unloaded"), std::string::npos);
}

TEST_F(LastCheckTest, SeesThatTheObjectIsGone) {
  request_.objects[0].build_id_at = RemoteAddr(4096);
  EXPECT_NE(says<ObjectGone>().find("libstep.so was unloaded"), std::string::npos);
}

TEST_F(LastCheckTest, SeesChangedCodeBetweenTwoRuns) {
  LastCheck check(request_);
  check.run(memory_);
  code_[4] ^= 1;
  EXPECT_THROW(check.run(memory_), Error);
  EXPECT_NE(says<Error>().find("step: the code at"), std::string::npos);
  code_[4] ^= 1;
  code_[5] ^= 1; // behind what is written
  check.run(memory_);
}

} // namespace

} // namespace care
