// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which programs of PATH count as compilers.
#include "kpatch_make/build/compilers.h"

#include <gtest/gtest.h>

namespace care::make {
namespace {

TEST(Compilers, AreKnownWithTargetAndVersion) {
  for (const char *name : {"gcc", "g++", "c++", "clang++-14", "gcc-12", "clang-14.0", "ld.bfd",
                           "x86_64-linux-gnu-gcc", "x86_64-linux-gnu-g++-12", "x86_64-pc-as"})
    EXPECT_TRUE(is_compiler_name(name)) << name;
}

TEST(Compilers, AreNotTheirRelatives) {
  for (const char *name : {"", "-", "gcc-ar", "gcc-nm-12", "-gcc", "c++filt", "clang-format-14",
                           "ldd", "my gcc-gcc", "gcc-", "12", "ccache", "X-gcc"})
    EXPECT_FALSE(is_compiler_name(name)) << name;
}

} // namespace
} // namespace care::make
