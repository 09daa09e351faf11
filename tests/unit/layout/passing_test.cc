// SPDX-License-Identifier: GPL-2.0-or-later
//
// Types whose objects are gone when the patch goes in, by whole programs compiled here.
#include <gtest/gtest.h>

#include "lib/base/temp_folder.h"
#include "lib/layout/check_types.h"
#include "lib/layout/describe.h"
#include "lib/layout/passing.h"
#include "tests/unit/layout/compile.h"

namespace care {
namespace {

class Passing : public testing::Test {
 protected:
  void gcc(const std::string &text, const std::string &output, std::vector<std::string> options) {
    options.insert(options.end(), {"-g", "-O2", "-fPIC"});
    compile_source("gcc", folder_.path() + "/code.c", text, output, options);
  }

  // `text` with "short n" in the original and "long n" in the patched build.
  TypeFinding find(const std::string &text, const std::set<std::string> &changed,
                   const std::vector<std::string> &link = {"-shared"},
                   const EntryNames &entries = std::nullopt) {
    std::string patched = text;
    patched.replace(patched.find("short n"), 7, "long n");
    std::string a = folder_.path() + "/a.o", b = folder_.path() + "/b.o";
    std::string linked = folder_.path() + "/linked";
    gcc(text, a, {"-c"});
    gcc(patched, b, {"-c"});
    gcc(text, linked, link);
    LayoutReport report;
    check_types({a, b, "code.c", changed, true}, {}, report);
    find_passing(linked, changed, entries, report);
    EXPECT_EQ(report.findings.size(), 1u) << describe_layout(report);
    return report.findings.empty() ? TypeFinding{} : report.findings[0];
  }

 private:
  TempFolder folder_;
};

const std::string kItems =
    "#include <stdlib.h>\n#define own static __attribute__((noipa))\n"
    "struct item { short n; struct item *next; };\n"
    "struct job { struct item *first; int sum; };\n"
    "own void put(struct job *job, int n) {\n"
    "  struct item *item = malloc(sizeof *item); item->n = n; item->next = job->first;\n"
    "  job->first = item; }\n"
    "own int add(struct job *job) {\n"
    "  for (struct item *i = job->first; i; i = i->next) job->sum += i->n;\n"
    "  return job->sum; }\n";
const std::string kWork = "struct job job = {0, 0}; put(&job, n); return add(&job); }\n";

TEST_F(Passing, RootOnTheStackOfEveryWay) {
  TypeFinding finding = find(kItems + "int work(int n) { " + kWork, {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::passing) << finding.evidence;
  EXPECT_EQ(finding.not_active, std::vector<std::string>{"work"});
}

TEST_F(Passing, ThroughACallback) {
  TypeFinding finding = find(kItems + "own int call(int (*f)(struct job *), struct job *j) { "
                                      "return f(j); }\n"
                                      "int work(int n) { struct job job = {0, 0}; put(&job, n); "
                                      "return call(add, &job); }\n",
                             {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::passing) << finding.evidence;
}

TEST_F(Passing, AWayPastIt) {
  TypeFinding finding =
      find(kItems + "int work(int n) { " + kWork + "int again(void *job) { return add(job); }\n",
           {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
}

// Exported, and yet the library's own affair.
TEST_F(Passing, AWayPastItThatNobodyKnows) {
  std::string text =
      kItems + "int work(int n) { " + kWork + "int again(struct job *job) { return add(job); }\n";
  TypeFinding finding = find(text, {"put", "add"}, {"-shared"}, std::set<std::string>{"work"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::passing) << finding.evidence;
  EXPECT_NE(finding.evidence.find("the 1 that published headers name"), std::string::npos)
      << finding.evidence;
  finding = find(text, {"put", "add"}, {"-shared"}, std::set<std::string>{"work", "again"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
}

TEST_F(Passing, AWayByATable) {
  TypeFinding finding =
      find(kItems + "int work(int n) { " + kWork + "int (*const table[])(struct job *) = {add};\n",
           {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
}

TEST_F(Passing, AStaticVariableThatLeadsToIt) {
  TypeFinding finding = find(kItems +
                                 "struct keep { int a; struct job *job; } keep;\n"
                                 "int work(int n) { " +
                                 kWork,
                             {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
  EXPECT_NE(finding.evidence.find("the variable keep"), std::string::npos) << finding.evidence;
}

TEST_F(Passing, AConstantLeadsNowhere) {
  TypeFinding finding = find(kItems + "static const struct job none = {0, 0};\n"
                                      "int work(int n) { struct job job = none; put(&job, n); "
                                      "return add(&job); }\n"
                                      "const struct job *const no_job = &none;\n",
                             {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::passing) << finding.evidence;
}

TEST_F(Passing, AHandleThatCallersHave) {
  TypeFinding finding = find(kItems +
                                 "struct handle { struct job *last; };\n"
                                 "int last(struct handle *h) { return h->last != 0; }\n"
                                 "int work(int n) { " +
                                 kWork,
                             {"put", "add"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
  EXPECT_NE(finding.evidence.find("exported"), std::string::npos) << finding.evidence;
}

TEST_F(Passing, MainNeverEnds) {
  TypeFinding finding =
      find(kItems + "int main(int n, char **v) { (void)v; " + kWork, {"put", "add"}, {"-pie"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::refused);
}

TEST_F(Passing, OnlyOnStacks) {
  std::string text = "#define own static __attribute__((noipa))\n"
                     "struct item { short n; int m; };\n"
                     "own int read_it(struct item *i) { return i->n + i->m; }\n"
                     "int one(int n) { struct item i = {n, 1}; return read_it(&i); }\n"
                     "int two(int n) { struct item i = {n, 2}; return read_it(&i); }\n";
  TypeFinding finding = find(text, {"read_it", "one"});
  EXPECT_EQ(finding.verdict, LayoutVerdict::stack) << finding.evidence;
  EXPECT_EQ(finding.not_active, std::vector<std::string>{"two"});
}

} // namespace
} // namespace care
