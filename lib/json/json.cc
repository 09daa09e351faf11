// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/json/json.h"

#include <algorithm>
#include <bit>

#include <nlohmann/json.hpp>

#include "lib/base/error.h"

namespace care {

namespace {

const char *kind_name(Json::Kind kind) {
  switch (kind) {
  case Json::Kind::null:
    return "null";
  case Json::Kind::boolean:
    return "a boolean";
  case Json::Kind::integer:
  case Json::Kind::unsigned_integer:
  case Json::Kind::number:
    return "a number";
  case Json::Kind::string:
    return "a string";
  case Json::Kind::array:
    return "an array";
  case Json::Kind::object:
    return "an object";
  }
  return "";
}

Error wrong_kind(Json::Kind kind, const char *what) {
  return error("JSON: {} was expected, and {} is there", what, kind_name(kind));
}

// A list of pairs that each begin with a string: an object in braces.
bool looks_like_object(std::initializer_list<Json> list) {
  return std::all_of(list.begin(), list.end(), [](const Json &element) {
    return element.is_array() && element.size() == 2 && element.at(size_t{0}).is_string();
  });
}

} // namespace

// ---- to and from the library ----------------------------------------------------------

struct JsonConversion {
  template<typename Library>
  static Library to_library(const Json &value) {
    switch (value.kind_) {
    case Json::Kind::null:
      return nullptr;
    case Json::Kind::boolean:
      return value.bits_ != 0;
    case Json::Kind::integer:
      return static_cast<int64_t>(value.bits_);
    case Json::Kind::unsigned_integer:
      return value.bits_;
    case Json::Kind::number:
      return std::bit_cast<double>(value.bits_);
    case Json::Kind::string:
      return value.string_;
    case Json::Kind::array: {
      Library array = Library::array();
      for (const Json &element : value.elements_)
        array.push_back(to_library<Library>(element));
      return array;
    }
    case Json::Kind::object: {
      Library object = Library::object();
      for (const Json::Member &member : value.members_)
        object[member.key] = to_library<Library>(member.value);
      return object;
    }
    }
    return nullptr;
  }

  static Json from_library(nlohmann::ordered_json &value) {
    using Type = nlohmann::ordered_json::value_t;
    switch (value.type()) {
    case Type::boolean:
      return value.get<bool>();
    case Type::number_integer:
      return value.get<int64_t>();
    case Type::number_unsigned:
      return value.get<uint64_t>();
    case Type::number_float:
      return value.get<double>();
    case Type::string:
      return std::move(value.get_ref<std::string &>());
    case Type::array: {
      Json array = Json::array();
      for (nlohmann::ordered_json &element : value)
        array.elements_.push_back(from_library(element));
      return array;
    }
    case Type::object: {
      Json object = Json::object();
      for (auto &[key, member] : value.items())
        object.members_.push_back({key, from_library(member)});
      return object;
    }
    default:
      return nullptr;
    }
  }

  template<typename Library>
  static std::string text_of(const Json &value, int indent) {
    return to_library<Library>(value).dump(indent, ' ', false, Library::error_handler_t::replace);
  }
};

Json Json::parse(std::string_view text) {
  try {
    nlohmann::ordered_json value = nlohmann::ordered_json::parse(text);
    return JsonConversion::from_library(value);
  } catch (const nlohmann::json::exception &e) {
    throw Error(e.what());
  }
}

std::optional<Json> Json::try_parse(std::string_view text) {
  nlohmann::ordered_json value = nlohmann::ordered_json::parse(text, nullptr, false);
  if (value.is_discarded())
    return std::nullopt;
  return JsonConversion::from_library(value);
}

std::string Json::text(int indent) const {
  return JsonConversion::text_of<nlohmann::ordered_json>(*this, indent);
}

std::string Json::sorted_text(int indent) const {
  return JsonConversion::text_of<nlohmann::json>(*this, indent);
}

// ---- values ---------------------------------------------------------------------------

Json::Json() = default;
Json::Json(std::nullptr_t) {}
Json::Json(const Json &other) = default;
Json::Json(Json &&other) noexcept = default;
Json &Json::operator=(const Json &other) = default;
Json &Json::operator=(Json &&other) noexcept = default;
Json::~Json() = default;

Json::Json(std::initializer_list<Json> list) {
  if (!looks_like_object(list)) {
    kind_ = Kind::array;
    elements_ = list;
    return;
  }
  kind_ = Kind::object;
  for (const Json &pair : list)
    (*this)[pair.elements_[0].string_] = pair.elements_[1];
}

Json::Json(const char *text) : kind_(Kind::string), string_(text) {}
Json::Json(std::string text) : kind_(Kind::string), string_(std::move(text)) {}
Json::Json(std::string_view text) : kind_(Kind::string), string_(text) {}
Json::Json(double value) : kind_(Kind::number), bits_(std::bit_cast<uint64_t>(value)) {}

Json Json::array() {
  return Json(Kind::array);
}

Json Json::object() {
  return Json(Kind::object);
}

void Json::require(Kind kind, const char *what) const {
  if (kind_ != kind)
    throw wrong_kind(kind_, what);
}

void Json::become(Kind kind, const char *what) {
  if (kind_ == Kind::null)
    kind_ = kind;
  require(kind, what);
}

bool Json::is_number() const {
  return kind_ == Kind::integer || kind_ == Kind::unsigned_integer || kind_ == Kind::number;
}

const std::string &Json::string() const {
  require(Kind::string, "a string");
  return string_;
}

bool Json::boolean() const {
  require(Kind::boolean, "a boolean");
  return bits_ != 0;
}

int64_t Json::integer() const {
  return kind_ == Kind::integer || kind_ == Kind::unsigned_integer ? static_cast<int64_t>(bits_)
                                                                   : static_cast<int64_t>(number());
}

double Json::number() const {
  switch (kind_) {
  case Kind::integer:
    return static_cast<double>(static_cast<int64_t>(bits_));
  case Kind::unsigned_integer:
    return static_cast<double>(bits_);
  case Kind::number:
    return std::bit_cast<double>(bits_);
  default:
    throw wrong_kind(kind_, "a number");
  }
}

std::vector<std::string> Json::strings() const {
  require(Kind::array, "an array");
  std::vector<std::string> texts;
  for (const Json &element : elements_)
    texts.push_back(element.string());
  return texts;
}

size_t Json::size() const {
  switch (kind_) {
  case Kind::null:
    return 0;
  case Kind::array:
    return elements_.size();
  case Kind::object:
    return members_.size();
  default:
    return 1;
  }
}

std::vector<Json>::iterator Json::begin() {
  return elements_.begin();
}
std::vector<Json>::iterator Json::end() {
  return elements_.end();
}
std::vector<Json>::const_iterator Json::begin() const {
  return elements_.begin();
}
std::vector<Json>::const_iterator Json::end() const {
  return elements_.end();
}

const std::vector<Json::Member> &Json::members() const {
  return members_;
}

Json &Json::operator[](size_t index) {
  return const_cast<Json &>(at(index));
}

const Json &Json::at(size_t index) const {
  require(Kind::array, "an array");
  if (index >= elements_.size())
    throw error("JSON: no element {} in an array of {}", index, elements_.size());
  return elements_[index];
}

void Json::push_back(Json value) {
  become(Kind::array, "an array");
  elements_.push_back(std::move(value));
}

const Json *Json::find(std::string_view key) const {
  for (const Member &member : members_)
    if (member.key == key)
      return &member.value;
  return nullptr;
}

const Json &Json::at(std::string_view key) const {
  require(Kind::object, "an object");
  const Json *found = find(key);
  if (!found)
    throw error("JSON: no member '{}'", key);
  return *found;
}

Json &Json::operator[](std::string_view key) {
  become(Kind::object, "an object");
  for (Member &member : members_)
    if (member.key == key)
      return member.value;
  members_.push_back({std::string(key), Json()});
  return members_.back().value;
}

Json Json::value(std::string_view key, Json other) const {
  const Json *found = find(key);
  return found ? *found : other;
}

std::string Json::string_or(std::string_view key, std::string other) const {
  const Json *found = find(key);
  return found ? found->string() : other;
}

int64_t Json::integer_or(std::string_view key, int64_t other) const {
  const Json *found = find(key);
  return found ? found->integer() : other;
}

bool Json::boolean_or(std::string_view key, bool other) const {
  const Json *found = find(key);
  return found ? found->boolean() : other;
}

std::vector<std::string> Json::strings_or(std::string_view key,
                                          std::vector<std::string> other) const {
  const Json *found = find(key);
  return found ? found->strings() : other;
}

void Json::update(const Json &other) {
  become(Kind::object, "an object");
  other.require(Kind::object, "an object");
  for (const Member &member : other.members_)
    (*this)[member.key] = member.value;
}

bool Json::operator==(const Json &other) const {
  if (is_number() && other.is_number())
    return kind_ == Kind::number || other.kind_ == Kind::number ? number() == other.number()
                                                                : bits_ == other.bits_;
  return kind_ == other.kind_ && bits_ == other.bits_ && string_ == other.string_ &&
         elements_ == other.elements_ &&
         std::equal(
             members_.begin(), members_.end(), other.members_.begin(), other.members_.end(),
             [](const Member &a, const Member &b) { return a.key == b.key && a.value == b.value; });
}

} // namespace care
