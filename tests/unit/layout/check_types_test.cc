// SPDX-License-Identifier: GPL-2.0-or-later
//
// Small sources, compiled twice here: which types changed, and what is said of them.
#include <filesystem>
#include <gtest/gtest.h>

#include "lib/base/error.h"
#include "lib/base/temp_folder.h"
#include "lib/layout/check_types.h"
#include "lib/layout/describe.h"
#include "tests/unit/layout/compile.h"

namespace care {
namespace {

class CheckTypes : public testing::Test {
 protected:
  // The object of a source that is called the same in both builds.
  std::string compile(const std::string &stage, const std::string &text) {
    std::string object = folder_.path() + "/" + stage + ".o";
    std::string compiler = !compiler_.empty() ? compiler_ : language_ == "c" ? "gcc" : "g++";
    std::vector<std::string> options = options_;
    options.emplace_back("-c");
    compile_source(compiler, folder_.path() + "/code." + language_, text, object, options);
    return object;
  }

  LayoutReport check(const std::string &original, const std::string &patched,
                     std::set<std::string> changed = {}) {
    bool known = !changed.empty();
    TypesInput input{compile("original", original), compile("patched", patched),
                     "code." + language_, std::move(changed), known};
    LayoutReport report;
    check_types(input, accepted_, report);
    settle_signatures(report);
    return report;
  }

  std::string language_ = "c";
  std::string compiler_; // of the language when empty
  std::vector<std::string> options_ = {"-g", "-O2"};
  Acceptances accepted_;

  TempFolder folder_;
};

TEST_F(CheckTypes, OfTwoTreesAreComparedBySourceName) {
  std::filesystem::create_directory(folder_.path() + "/old");
  std::filesystem::create_directory(folder_.path() + "/new");
  auto build = [&](const std::string &source, const std::string &members) {
    std::string path = folder_.path() + "/" + source;
    compile_source("gcc", path, "struct s {" + members + "}; int f(struct s *p) { return p->b; }",
                   path + ".o", {"-g", "-O2", "-c"});
    return path + ".o";
  };
  auto findings = [&](const std::string &original, const std::string &patched) {
    LayoutReport report;
    check_types({original, patched, "", {}, false}, accepted_, report);
    return report;
  };
  std::string old = build("old/a.c", "int b;");
  EXPECT_EQ(findings(old, build("new/a.c", "int a, b;")).findings.size(), 1U);
  LayoutReport none = findings(old, build("new/other.c", "int a, b;"));
  EXPECT_TRUE(none.findings.empty());
  ASSERT_EQ(none.unchecked.size(), 1U);
  EXPECT_NE(none.unchecked[0].find("old/a.c: not among the sources"), std::string::npos);
}

const TypeFinding *find(const LayoutReport &report, const std::string &name) {
  for (const TypeFinding &finding : report.findings)
    if (finding.change.name == name)
      return &finding;
  return nullptr;
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

// A struct whose members are given, and code that uses it.
std::string node(const std::string &members, const std::string &more = "") {
  return "struct node { " + members + " struct node *next; };\n" + more +
         "struct node *nodes;\n"
         "int sum(void) { int n = 0; for (struct node *p = nodes; p; p = p->next) n += p->key;\n"
         "  return n; }\n"
         "int other(int a) { return a * 3; }\n";
}

// Another closure at the line and column where one was before: not the same grown.
TEST_F(CheckTypes, ClosuresNamedByTheirPlaceAreNoTypesThatChange) {
  language_ = "cc";
  compiler_ = "clang++";
  auto source = [](const std::string &captured) {
    return "#include <utility>\n#include <functional>\n"
           "std::function<int()> kept;\n"
           "template<class F> void keep(F &&f) {\n"
           "  using Plain = typename std::remove_reference<F>::type;\n"
           "  Plain copy = f; kept = copy; }\n"
           "void set(int a, int b) {\n"
           "  keep([" +
           captured + "] { return a; }); }\n";
  };
  EXPECT_TRUE(check(source("a"), source("a, b")).findings.empty());
}

TEST_F(CheckTypes, EqualSourcesSayNothing) {
  EXPECT_TRUE(check(node("int key;"), node("int key;")).findings.empty());
}

TEST_F(CheckTypes, MemberAddedToWhatAStaticPointsToIsRefused) {
  LayoutReport report =
      check(node("int key; int id;"), node("int key; long seen; int id;"), {"sum"});
  const TypeFinding *finding = find(report, "struct node");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->verdict, LayoutVerdict::refused);
  EXPECT_TRUE(has(finding->evidence, "the variable nodes (")) << finding->evidence;
  EXPECT_EQ(finding->users, std::vector<std::string>{"sum"});
  std::string text = describe_layout(report);
  EXPECT_TRUE(has(text, "16 -> 32 bytes")) << text;
  EXPECT_TRUE(has(text, "long int seen: new, offset 8, 8 bytes")) << text;
  EXPECT_TRUE(has(text, "id: offset 4 -> 16")) << text;
  EXPECT_TRUE(has(text, "for (p = nodes; p; p = p->next)")) << text;
}

// A tree that is built several times over has its sources several times over.
TEST_F(CheckTypes, SaysOnceWhatCopiesOfASourceHaveInCommon) {
  LayoutReport report = check(node("int key;"), node("int key; int seen;"), {"sum"});
  ASSERT_EQ(report.findings.size(), 1u);
  report.findings.push_back(report.findings[0]);
  report.findings[1].change.file = "other/code.c";
  std::string text = describe_layout(report);
  EXPECT_TRUE(has(text, "  the same in other/code.c:1\n")) << text;
  EXPECT_EQ(text.find("16 bytes"), text.rfind("16 bytes")) << text;
  report.findings[1].users = {"another"};
  EXPECT_FALSE(has(describe_layout(report), "the same in"));
}

TEST_F(CheckTypes, PaddingIsNoRoomForAMember) {
  LayoutReport report = check(node("int key;"), node("int key; int seen;"), {"sum"});
  ASSERT_TRUE(report.refused());
  EXPECT_TRUE(report.findings[0].change.members[0].padding);
}

TEST_F(CheckTypes, AcceptedBesidesAReason) {
  accept_layout(accepted_, "struct node: nobody makes one before the patch");
  LayoutReport report = check(node("int key;"), node("int key; int seen;"), {"sum"});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].verdict, LayoutVerdict::accepted);
  EXPECT_EQ(report.findings[0].reason, "nobody makes one before the patch");
  EXPECT_THROW(accept_layout(accepted_, "struct node"), Error);
  EXPECT_THROW(accept_layout(accepted_, "struct node: "), Error);
}

TEST_F(CheckTypes, NewNamesAndSignsAreNoChange) {
  LayoutReport report = check(node("int key; char *text; int count;"),
                              "\n\n" + node("int key; unsigned char *text; unsigned number;"));
  EXPECT_FALSE(report.refused()) << describe_layout(report);
}

TEST_F(CheckTypes, FloatForAnIntegerIsAChange) {
  EXPECT_TRUE(check(node("int key; int x;"), node("int key; float x;")).refused());
}

TEST_F(CheckTypes, PointerToAnotherStructIsAChange) {
  std::string more = "struct a { int x; }; struct b { int y; };\n";
  EXPECT_TRUE(
      check(more + node("int key; struct a *p;"), more + node("int key; struct b *p;")).refused());
  EXPECT_FALSE(
      check(more + node("int key; struct a *p;"), more + node("int key; void *p;")).refused());
}

TEST_F(CheckTypes, DeclarationInPlaceOfADefinitionIsNoChange) {
  LayoutReport report = check("struct in { int a; };\n" + node("int key; struct in *p;"),
                              "struct in;\n" + node("int key; struct in *p;"));
  EXPECT_TRUE(report.findings.empty()) << describe_layout(report);
}

TEST_F(CheckTypes, UntouchedByChangedFunctionsIsHarmless) {
  std::string use = "struct far { int a; B }; int far_use(struct far *f) { return f->a; }\n"
                    "int changed(int x) { return x + 1; }\n";
  std::string patched = use;
  patched.replace(patched.find(" B "), 3, " int b; ");
  use.replace(use.find(" B "), 3, " ");
  LayoutReport report = check(use, patched, {"changed"});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].verdict, LayoutVerdict::harmless);
}

TEST_F(CheckTypes, BitFields) {
  LayoutReport report = check(node("int key; unsigned a : 3; unsigned b : 5;"),
                              node("int key; unsigned a : 4; unsigned b : 5;"));
  std::string text = describe_layout(report);
  EXPECT_TRUE(report.refused());
  EXPECT_TRUE(has(text, "a: 3 bits -> 4 bits")) << text;
  EXPECT_TRUE(has(text, "b: offset 4, bit 3 -> 4, bit 4")) << text;
}

TEST_F(CheckTypes, EnumeratorsThatMeanSomethingElse) {
  auto source = [](const std::string &list) {
    return "enum colour { " + list +
           " };\nenum colour last;\n"
           "int f(enum colour c) { return last == c; }\n";
  };
  EXPECT_TRUE(check(source("RED, GREEN, COUNT"), source("RED, BLUE, GREEN, COUNT")).refused());
  // New ones behind the old ones; only the count moves.
  EXPECT_FALSE(check(source("RED, GREEN, COUNT"), source("RED, GREEN, BLUE, COUNT")).refused());
}

TEST_F(CheckTypes, AnonymousOnesByTypedefAndByOwner) {
  auto source = [](const std::string &more) {
    return "typedef struct { int a; " + more +
           " union { int x; long y; } u; } pair_t;\n"
           "pair_t pairs[4]; int f(void) { return pairs[1].u.x; }\n";
  };
  LayoutReport report = check(source(""), source("int b[4];"));
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].change.name, "pair_t");
  EXPECT_TRUE(report.refused());
}

TEST_F(CheckTypes, WhatEmbedsAChangedOneNamesTheCause) {
  auto source = [](const std::string &more) {
    return "struct in { int a; " + more +
           " };\nstruct out { int x; struct in in; int z; } o;\n"
           "int f(void) { return o.in.a + o.z; }\n";
  };
  LayoutReport report = check(source(""), source("int b;"));
  const TypeFinding *out = find(report, "struct out");
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->change.derived());
  EXPECT_FALSE(find(report, "struct in")->change.derived());
}

std::string table(const std::string &parameters, const std::string &name) {
  return "struct ops { int n; int (*prepare)(" + parameters +
         "); };\n"
         "static int " +
         name + "(" + parameters +
         ") { return *r; }\n"
         "const struct ops ops = { 1, " +
         name +
         " };\n"
         "int call(struct ops *o, const char *r) { int l = 0; (void)l; return o->prepare(r" +
         (parameters.find(',') == std::string::npos ? "" : ", &l") + "); }\n";
}

TEST_F(CheckTypes, FunctionPointersThatAreCalledOtherwise) {
  std::string original = table("const char *r, int *l", "prepare");
  std::string patched = table("const char *r", "get");
  LayoutReport report = check(original, patched, {"call"});
  EXPECT_TRUE(report.refused()) << "the old function stays";
  report = check(original, patched, {"call", "prepare"});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].verdict, LayoutVerdict::replaced);
}

TEST_F(CheckTypes, BasesAndVirtualFunctions) {
  language_ = "cc";
  auto source = [](const std::string &base, const std::string &virtuals) {
    return "struct A { long a; }; struct B { long b; };\n"
           "struct C : " +
           base + " { C(); " + virtuals +
           " int c; };\n"
           "C::C() {}\nC *all; int f(C *c) { return c->c; }\n";
  };
  EXPECT_TRUE(check(source("A", ""), source("A, B", "")).refused());
  std::string two = "virtual int g() { return 1; } virtual int h() { return 2; }";
  std::string turned = "virtual int h() { return 2; } virtual int g() { return 1; }";
  LayoutReport report = check(source("A", two), source("A", turned));
  EXPECT_TRUE(report.refused());
  EXPECT_TRUE(has(describe_layout(report), "slot 0 -> 1")) << describe_layout(report);
  EXPECT_FALSE(check(source("A", two), source("A", two)).refused());
}

TEST_F(CheckTypes, ScopesTellTypesApart) {
  language_ = "cc";
  auto source = [](const std::string &more) {
    return "namespace one { struct S { int a; }; S s; }\n"
           "namespace two { struct S { int a; " +
           more +
           " }; S s; }\n"
           "int f() { return one::s.a + two::s.a; }\n";
  };
  LayoutReport report = check(source(""), source("int b;"));
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].change.name, "struct two::S");
}

TEST_F(CheckTypes, WithoutTypesItSaysSo) {
  options_ = {"-g0", "-O2"};
  LayoutReport report = check(node("int key;"), node("int key; int seen;"));
  ASSERT_EQ(report.unchecked.size(), 1u);
  EXPECT_TRUE(has(report.unchecked[0], "no debug information")) << report.unchecked[0];
  options_ = {"-g1", "-O2"};
  report = check(node("int key;"), node("int key; int seen;"));
  ASSERT_EQ(report.unchecked.size(), 1u);
  EXPECT_TRUE(has(report.unchecked[0], "-g1")) << report.unchecked[0];
}

TEST_F(CheckTypes, OldDwarfAndClangAreReadAlike) {
  for (const char *version : {"-gdwarf-3", "-gdwarf-4", "-gdwarf-5"}) {
    options_ = {"-O2", version};
    EXPECT_TRUE(check(node("int key; unsigned a : 3;"), node("int key; unsigned a : 4;")).refused())
        << version;
    EXPECT_FALSE(
        check(node("int key; unsigned a : 3;"), node("int key; unsigned a : 3;")).refused());
  }
}

TEST_F(CheckTypes, TablesThatGrow) {
  auto source = [](const std::string &more) {
    return "struct row { int a; }; struct row rows[] = {{1}, {2}" + more +
           "};\n"
           "int f(int i) { return rows[i].a; }\n";
  };
  LayoutReport report = check(source(""), source(", {3}"));
  EXPECT_TRUE(has(describe_layout(report), "struct row[2] -> struct row[3]"))
      << describe_layout(report);
  EXPECT_TRUE(check(source(""), source("")).variables.empty());
}

TEST_F(CheckTypes, TablesOfOneNameInSeveralFunctions) {
  auto source = [](const std::string &more, const std::string &last) {
    return "int f(int i) { static int names[] = {1, 2" + more +
           "}; return names[i]++; }\n"
           "int g(int i) { static short names[] = {1, 2, 3}; return names[i]++; }\n" +
           last;
  };
  EXPECT_TRUE(check(source("", ""), source("", "")).variables.empty());
  LayoutReport report = check(source("", ""), source(", 3", ""));
  ASSERT_EQ(report.variables.size(), 1u);
  EXPECT_TRUE(has(report.variables[0], "int[2] -> int[3]")) << report.variables[0];
  // Nothing tells which is which.
  std::string third = "int h(int i) { static char names[] = {1}; return names[i]++; }\n";
  EXPECT_TRUE(check(source("", ""), source("", third)).variables.empty());
}

TEST_F(CheckTypes, NoElfFileIsAnError) {
  LayoutReport report;
  EXPECT_THROW(check_types({"/etc/passwd", "/etc/passwd", "x.c", {}, false}, {}, report), Error);
}

} // namespace
} // namespace care
