// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/report/page_template.h"

#include <gtest/gtest.h>

#include "kpatch_make/report/report_facts.h"
#include "lib/base/error.h"
#include "lib/json/json.h"

namespace care::make {

namespace {
TEST(PageTemplate, ValuesAndSections) {
  Json facts = {{"name", "x"},
                {"rows", {{{"n", 1}}, {{"n", 2}, {"name", "y"}}}},
                {"none", Json::array()},
                {"zero", 0},
                {"words", {"a", "b"}}};
  EXPECT_EQ(fill_template("{{name}}{{#rows}}[{{n}}{{name}}]{{/rows}}", facts), "x[1x][2y]");
  EXPECT_EQ(fill_template("{{#none}}no{{/none}}{{^none}}yes{{/none}}{{#zero}}no{{/zero}}", facts),
            "yes");
  EXPECT_EQ(fill_template("{{#words}}{{.}},{{/words}}{{#name}}<{{.}}>{{/name}}", facts), "a,b,<x>");
  EXPECT_EQ(fill_template("{{#missing}}no{{/missing}}", facts), "");
}

TEST(PageTemplate, MalformedOnesAreErrors) {
  Json facts = {{"a", 1}};
  for (const char *text : {"{{b}}", "{{a", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}"})
    EXPECT_THROW(fill_template(text, facts), Error) << text;
}

TEST(PageTemplate, EscapesWhateverComes) {
  EXPECT_EQ(html_text("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(html_text("\x1b[1m"), "&#x27e8;1B&#x27e9;[1m");
  // Reversed writing makes `if (a)` look like something else.
  EXPECT_EQ(html_text("a\u202eb"), "a&#x27e8;U+202E&#x27e9;b");
  EXPECT_EQ(fill_template("{{a}}", {{"a", "\xff<"}}), "\ufffd&lt;");
  EXPECT_EQ(fill_template("{{a}}", {{"a", "{{b}}"}}), "{{b}}");
}

// Fields that few patches have: a name that the template misspells would end a run.
TEST(ReportPage, ShowsEveryField) {
  Json object = {{"id", "o1"},
                 {"object", "prog"},
                 {"verdict", "patched"},
                 {"reason", ""},
                 {"in_detail", true},
                 {"package", "tools"},
                 {"help", "a restart"},
                 {"bound", "proved"},
                 {"shipped_build_id", "cd"},
                 {"link", "/p/.libs/prog"},
                 {"changed_functions", 1},
                 {"new_functions", 0},
                 {"new_data", 1},
                 {"size", 10},
                 {"build_id", "ab"},
                 {"file", "ab.kpatch"},
                 {"path", "/p/prog"},
                 {"spared", 41},
                 {"hooks", {{{"kind", "pre-apply"}, {"name", "<hook>"}, {"place", 1}}}},
                 {"unsafe", {{{"name", "busy"}, {"size", 3}, {"address", 1}}}},
                 {"ignored", {{{"name", "kept"}, {"change", "1 -> 2"}, {"reason", "why&"}}}},
                 {"data", {{{"readable", "fresh"}, {"replacement_size", 4}, {"source", "a.c"}}}}};
  Json facts = {{"tool_version", "1"},
                {"directory", "/p"},
                {"command", "make"},
                {"objects", {object}},
                {"original", {{"seconds", 1.5}, {"compiled", 2}}},
                {"patched", {{"seconds", 1.5}, {"compiled", 2}}}};
  std::string page = report_page(facts);
  for (const char *text :
       {"&lt;hook&gt;", "pre-apply", "busy", "kept", "1 -&gt; 2", "why&amp;", "fresh",
        "41 functions", "ab.kpatch", "a restart", "tools", "bound by proved"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
}

TEST(ReadableName, ShowsTheCompilersSuffix) {
  EXPECT_EQ(readable_name("_ZN1A1fEi.constprop.0"), "A::f(int) [constprop.0]");
  EXPECT_EQ(readable_name("plain.part.0"), "plain.part.0");
  EXPECT_EQ(readable_name("_Zbroken"), "_Zbroken");
}

} // namespace

} // namespace care::make
