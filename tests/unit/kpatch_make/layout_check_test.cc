// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which of a build's findings concern which linked object.
#include "kpatch_make/objects/layout_check.h"

#include <gtest/gtest.h>

namespace care::make {
namespace {

using Lines = std::vector<std::string>;

TypeFinding finding(const std::string &name, const std::string &sources) {
  TypeFinding found;
  found.change.name = name;
  found.sources = sources;
  return found;
}

// A program and its test program, which were both changed, and what is refused.
LayoutCheck build() {
  LayoutCheck check;
  check.done = true;
  check.compiled = {{"/p/prog.o", "prog.c", {"main", "step"}, {"prog.c: why"}},
                    {"/p/test.o", "test.c", {"main"}, {"test.c: why"}},
                    {"/p/data.o", "data.c", {}, {"data.c: why"}}};
  check.report.findings = {finding("struct a", "prog.c"), finding("struct b", "other.c")};
  check.report.unchecked = {"prog.c: why", "test.c: why", "data.c: why"};
  return check;
}

TEST(LayoutOf, IsThatOfTheFilesThatAreLinked) {
  LayoutReport report = layout_of(build(), {{"main", "step"}, {"prog.c"}});
  EXPECT_EQ(report.unchecked, (Lines{"prog.c: why"}));
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].change.name, "struct a");
}

TEST(LayoutOf, SaysNothingOfFunctionsThatAreElsewhere) {
  LayoutReport report = layout_of(build(), {{"step_back"}, {"prog.c"}});
  EXPECT_TRUE(report.unchecked.empty());
  EXPECT_TRUE(report.findings.empty());
}

TEST(LayoutOf, SaysEachLineOnce) {
  LayoutCheck check = build();
  check.compiled.push_back(check.compiled[0]); // static and shared
  EXPECT_EQ(layout_of(check, {{"step"}, {"prog.c"}}).unchecked, (Lines{"prog.c: why"}));
}

TEST(LayoutOfRefused, HasWhatWasRefusedToo) {
  LayoutReport report = layout_of_refused(build(), {{"step"}, {"prog.c"}},
                                          {"data.c (/p/data.o): kpatch_gensrc: writable data"});
  EXPECT_EQ(report.unchecked, (Lines{"prog.c: why", "data.c: why"}));
  EXPECT_EQ(report.findings.size(), 2u); // which of them, nobody knows
}

} // namespace
} // namespace care::make
