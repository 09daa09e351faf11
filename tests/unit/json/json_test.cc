// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/json/json.h"

#include <set>

#include <gtest/gtest.h>

#include "lib/base/error.h"

namespace care {

namespace {

TEST(Json, BracesAreObjectsOfPairsElseArrays) {
  EXPECT_EQ((Json{{"b", 1}, {"a", {{"x", nullptr}}}}).text(), R"({"b":1,"a":{"x":null}})");
  EXPECT_EQ((Json{1, "two", 3.5, true}).text(), R"([1,"two",3.5,true])");
  EXPECT_EQ((Json{{1, 2}, {3, 4}}).text(), "[[1,2],[3,4]]");
}

TEST(Json, KeepsOrderUnlessSorted) {
  Json json = {{"pid", 1}, {"comm", "x"}, {"objects", {{{"z", 1}, {"a", 2}}}}};
  EXPECT_EQ(json.text(), R"({"pid":1,"comm":"x","objects":[{"z":1,"a":2}]})");
  EXPECT_EQ(json.sorted_text(), R"({"comm":"x","objects":[{"a":2,"z":1}],"pid":1})");
  EXPECT_EQ((Json{{"a", 1}}).text(2), "{\n  \"a\": 1\n}");
}

TEST(Json, TakesContainers) {
  EXPECT_EQ(Json(std::vector<std::string>{"a", "b"}).text(), R"(["a","b"])");
  EXPECT_EQ(Json(std::set<int>{2, 1}).text(), "[1,2]");
  EXPECT_EQ(Json(std::map<std::string, int>{{"k", 1}}).text(), R"({"k":1})");
  EXPECT_EQ(Json(std::vector<std::string>{}).text(), "[]");
}

TEST(Json, GrowsFromNothing) {
  Json json;
  json["list"].push_back("one");
  json["list"].push_back({{"two", 2}});
  json["object"]["deep"] = -1;
  EXPECT_EQ(json.text(), R"({"list":["one",{"two":2}],"object":{"deep":-1}})");
  EXPECT_THROW(json["list"]["x"], Error);
  json.update({{"list", "gone"}, {"new", 1}});
  EXPECT_EQ(json.at("list").string(), "gone");
  EXPECT_EQ(json.size(), 3u);
}

TEST(Json, ReadsWhatItWrote) {
  Json json = Json::parse(R"({"n": -3, "u": 18446744073709551615, "d": 0.25, "l": [true, null]})");
  EXPECT_EQ(json.at("n").integer(), -3);
  EXPECT_EQ(json.at("d").number(), 0.25);
  EXPECT_EQ(json.text(), R"({"n":-3,"u":18446744073709551615,"d":0.25,"l":[true,null]})");
  EXPECT_EQ(Json::parse(json.text()), json);
  EXPECT_EQ(json.integer_or("missing", 7), 7);
  EXPECT_EQ(json.find("missing"), nullptr);
}

TEST(Json, SaysWhatIsWrong) {
  EXPECT_THROW(Json::parse("{\"a\": "), Error);
  EXPECT_EQ(Json::try_parse("nonsense"), std::nullopt);
  Json json = {{"a", 1}};
  EXPECT_THROW(json.at("a").string(), Error);
  EXPECT_THROW(json.at("b"), Error);
  EXPECT_THROW(json.at("a").strings(), Error);
  EXPECT_THROW((Json{1, 2}).at(size_t{2}), Error);
}

TEST(Json, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Json("a\xff").text(), "\"a\xef\xbf\xbd\"");
}

} // namespace

} // namespace care
