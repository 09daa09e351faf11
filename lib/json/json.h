// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON values: built, read and changed as plain data. The library (nlohmann-json) reads and
// writes the text, in json.cc alone: its header takes seconds in each file that includes it.
//
//     Json row = {{"pid", 4711}, {"comm", comm}, {"objects", Json::array()}};
//     row["objects"].push_back({{"object", name}, {"level", level}});
//     print_json(row.sorted_text(2));
//
// Braces mean what they mean to nlohmann-json: a list of pairs that each begin with a
// string is an object, any other list an array. An object keeps the order in which its
// members came.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace care {

class Json {
 public:
  enum class Kind { null, boolean, integer, unsigned_integer, number, string, array, object };
  struct Member;

  Json();
  Json(std::nullptr_t);
  Json(std::initializer_list<Json> list);
  Json(const Json &other);
  Json(Json &&other) noexcept;
  Json &operator=(const Json &other);
  Json &operator=(Json &&other) noexcept;
  ~Json();

  // From C++ values; ranges of such become arrays, maps with text as key become objects.
  Json(const char *text);
  Json(std::string text);
  Json(std::string_view text);
  template<std::same_as<bool> T>
  Json(T value) : kind_(Kind::boolean), bits_(value) {}
  template<std::integral T>
  requires(!std::same_as<T, bool>) Json(T value)
      : kind_(std::is_signed_v<T> ? Kind::integer : Kind::unsigned_integer),
        bits_(static_cast<uint64_t>(value)) {}
  Json(double value);
  template<std::ranges::input_range R>
  requires(!std::convertible_to<R, std::string_view> && !std::same_as<R, Json> &&
           std::convertible_to<std::ranges::range_value_t<R>, Json>) Json(const R &values)
      : kind_(Kind::array) {
    for (const auto &value : values)
      push_back(value);
  }
  template<typename T>
  Json(const std::map<std::string, T> &members) : kind_(Kind::object) {
    for (const auto &[key, value] : members)
      (*this)[key] = value;
  }

  static Json array();
  static Json object();
  // Throws Error that says where the text is wrong.
  static Json parse(std::string_view text);
  static std::optional<Json> try_parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_number() const;

  // The value as a C++ one. Throws Error for a value of another kind.
  const std::string &string() const;
  bool boolean() const;
  int64_t integer() const; // a number that is no whole one is cut
  double number() const;
  std::vector<std::string> strings() const; // an array of texts

  // Elements of an array or members of an object; 0 of null, 1 of all else.
  size_t size() const;
  bool empty() const { return size() == 0; }
  // Elements; none of what is no array. An object's members are in members().
  std::vector<Json>::iterator begin();
  std::vector<Json>::iterator end();
  std::vector<Json>::const_iterator begin() const;
  std::vector<Json>::const_iterator end() const;
  const std::vector<Member> &members() const;

  Json &operator[](size_t index);
  const Json &at(size_t index) const; // Error beyond the end
  // Null becomes an array. Throws Error for anything else that is none.
  void push_back(Json value);

  bool contains(std::string_view key) const { return find(key) != nullptr; }
  const Json *find(std::string_view key) const; // null when it is not there
  const Json &at(std::string_view key) const;   // Error when it is not there
  const Json &at(const char *key) const { return at(std::string_view(key)); }
  // The member, which is made when it is not there. Null becomes an object.
  Json &operator[](std::string_view key);
  Json &operator[](const char *key) { return (*this)[std::string_view(key)]; }
  Json &operator[](const std::string &key) { return (*this)[std::string_view(key)]; }
  // The member, or `other` when it is not there.
  Json value(std::string_view key, Json other) const;
  std::string string_or(std::string_view key, std::string other) const;
  int64_t integer_or(std::string_view key, int64_t other) const;
  bool boolean_or(std::string_view key, bool other) const;
  std::vector<std::string> strings_or(std::string_view key, std::vector<std::string> other) const;
  // Takes all members of `other`, in place of those of the same name.
  void update(const Json &other);

  // The text, in one line, or with `indent` blanks for each level. Bytes that are no
  // UTF-8 become the replacement character.
  std::string text(int indent = -1) const;
  // The same with the members of all objects in the order of their names.
  std::string sorted_text(int indent = -1) const;

  bool operator==(const Json &other) const;

 private:
  friend struct JsonConversion;

  explicit Json(Kind kind) : kind_(kind) {}
  void become(Kind kind, const char *what);
  void require(Kind kind, const char *what) const;

  Kind kind_ = Kind::null;
  uint64_t bits_ = 0; // boolean, integer, unsigned_integer, number (bit_cast)
  std::string string_;
  std::vector<Json> elements_;
  std::vector<Member> members_;
};

struct Json::Member {
  std::string key;
  Json value;
};

} // namespace care
