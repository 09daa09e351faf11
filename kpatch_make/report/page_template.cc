// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/report/page_template.h"

#include <array>
#include <vector>

#include "lib/base/error.h"
#include "lib/json/json.h"

namespace care::make {

namespace {
bool is_empty(const Json *value) {
  if (value == nullptr || value->is_null())
    return true;
  if (value->is_boolean())
    return !value->boolean();
  if (value->is_number())
    return value->number() == 0;
  return value->is_string() ? value->string().empty() : value->empty();
}

std::string text_of(const Json &value) {
  if (value.is_string())
    return value.string();
  if (value.kind() == Json::Kind::number)
    return fmt::format("{:.2f}", value.number());
  return value.text();
}

struct Tag {
  char kind = 0; // '#', '^', '/' or 0 for a value
  std::string_view name;
  size_t begin = std::string_view::npos;
  size_t end = 0; // behind it
};

Tag next_tag(std::string_view text, size_t from) {
  Tag tag;
  tag.begin = text.find("{{", from);
  if (tag.begin == std::string_view::npos)
    return tag;
  size_t close = text.find("}}", tag.begin);
  if (close == std::string_view::npos)
    throw error("page template: a tag is not closed");
  tag.end = close + 2;
  tag.name = text.substr(tag.begin + 2, close - tag.begin - 2);
  if (!tag.name.empty() && std::string_view("#^/").find(tag.name[0]) != std::string_view::npos) {
    tag.kind = tag.name[0];
    tag.name.remove_prefix(1);
  }
  return tag;
}

class Filler {
 public:
  explicit Filler(const Json &facts) { around_.push_back(&facts); }

  void fill(std::string_view text) {
    size_t done = 0;
    for (Tag tag = next_tag(text, 0); tag.begin != std::string_view::npos;
         tag = next_tag(text, done)) {
      out_.append(text, done, tag.begin - done);
      done = tag.kind == 0 ? value(tag) : section(text, tag);
    }
    out_.append(text, done);
  }

  std::string out() { return std::move(out_); }

 private:
  const Json *find(std::string_view name) const {
    if (name == ".")
      return around_.back();
    for (size_t i = around_.size(); i-- > 0;)
      if (const Json *found = around_[i]->find(name))
        return found;
    return nullptr;
  }

  size_t value(const Tag &tag) {
    const Json *value = find(tag.name);
    if (value == nullptr)
      throw error("page template: nothing is called {}", tag.name);
    out_ += html_text(text_of(*value));
    return tag.end;
  }

  size_t section(std::string_view text, const Tag &open) {
    if (open.kind == '/')
      throw error("page template: {} ends but did not begin", open.name);
    int depth = 1;
    Tag tag = open;
    while (depth > 0) {
      tag = next_tag(text, tag.end);
      if (tag.begin == std::string_view::npos)
        throw error("page template: {} does not end", open.name);
      if (tag.kind != 0 && tag.name == open.name)
        depth += tag.kind == '/' ? -1 : 1;
    }
    std::string_view inner = text.substr(open.end, tag.begin - open.end);
    const Json *value = find(open.name);
    if (open.kind == '^') {
      if (is_empty(value))
        fill(inner);
    } else if (!is_empty(value)) {
      repeat(inner, *value);
    }
    return tag.end;
  }

  void repeat(std::string_view inner, const Json &value) {
    if (!value.is_array()) {
      around_.push_back(&value);
      fill(inner);
      around_.pop_back();
      return;
    }
    for (const Json &element : value) {
      around_.push_back(&element);
      fill(inner);
      around_.pop_back();
    }
  }

  std::vector<const Json *> around_;
  std::string out_;
};

// Bidirectional controls are three bytes of UTF-8: e2 80 8e..8f, e2 80 aa..ae,
// e2 81 a6..a9. Returns the code point, 0 for anything else.
unsigned direction_control(std::string_view text) {
  if (text.size() < 3 || text[0] != '\xe2')
    return 0;
  unsigned code = 0x2000u | (static_cast<unsigned char>(text[1]) & 0x3fu) << 6 |
                  (static_cast<unsigned char>(text[2]) & 0x3fu);
  bool controls = (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
                  (code >= 0x2066 && code <= 0x2069);
  return controls ? code : 0;
}

} // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    unsigned control = direction_control(text.substr(i));
    if (control != 0) {
      out += fmt::format("&#x27e8;U+{:04X}&#x27e9;", control);
      i += 2;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
      out += fmt::format("&#x27e8;{:02X}&#x27e9;", c);
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string fill_template(std::string_view text, const Json &facts) {
  // Source lines are bytes; a page is UTF-8.
  Json clean = Json::parse(facts.text());
  Filler filler(clean);
  filler.fill(text);
  return filler.out();
}

} // namespace care::make
