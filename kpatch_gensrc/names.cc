// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table of names is a plain open-addressing one over 32-bit numbers: a
// translation unit has tens of thousands of labels, and a node for each would
// cost more memory than the text they stand in.
#include "kpatch_gensrc/names.h"

#include <algorithm>
#include <functional>

namespace care {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// The next number of a lambda in a mangled name, at or after `at`: clang's `3$_1`,
// with the length in front, or the digits in `E1_` behind a `Ul`.
struct LambdaNumber {
  size_t begin = std::string_view::npos;
  size_t end = 0;
  std::string_view instead; // what stays of it
};

LambdaNumber lambda_number(std::string_view name, size_t at) {
  if (!name.starts_with("_Z") && !name.starts_with("\"_Z"))
    return {};
  size_t own = name.find("$_", at);
  if (own != name.npos && own + 2 < name.size() && is_digit(name[own + 2])) {
    size_t begin = own, end = own + 2;
    while (begin > at && is_digit(name[begin - 1]))
      begin--;
    while (end < name.size() && is_digit(name[end]))
      end++;
    return {begin, end, "$_"};
  }
  size_t lambda = name.find("Ul");
  for (size_t e = lambda == name.npos ? lambda : name.find('E', std::max(lambda, at));
       e != name.npos; e = name.find('E', e + 1)) {
    size_t end = e + 1;
    while (end < name.size() && is_digit(name[end]))
      end++;
    if (end < name.size() && name[end] == '_')
      return {e, end + 1, "E_"};
  }
  return {};
}

std::string without_lambda_numbers(std::string_view name) {
  std::string out;
  size_t done = 0;
  for (LambdaNumber found = lambda_number(name, 0); found.begin != name.npos;
       found = lambda_number(name, done)) {
    out.append(name.substr(done, found.begin - done)).append(found.instead);
    done = found.end;
  }
  return out.append(name.substr(done));
}

} // namespace

Names::Names() : slots_(1 << 12, kNone) {}

size_t Names::slot_of(std::string_view name) const {
  size_t mask = slots_.size() - 1;
  size_t slot = std::hash<std::string_view>{}(name)&mask;
  while (slots_[slot] != kNone && texts_[slots_[slot]] != name)
    slot = (slot + 1) & mask;
  return slot;
}

SymId Names::find(std::string_view name) const {
  return slots_[slot_of(name)];
}

SymId Names::id(std::string_view name) {
  size_t slot = slot_of(name);
  if (slots_[slot] != kNone)
    return slots_[slot];
  SymId id = static_cast<SymId>(texts_.size());
  texts_.push_back(name);
  slots_[slot] = id;
  if (texts_.size() * 2 > slots_.size())
    grow();
  return id;
}

void Names::grow() {
  slots_.assign(slots_.size() * 2, kNone);
  for (SymId id = 0; id < texts_.size(); id++)
    slots_[slot_of(texts_[id])] = id;
}

bool is_local_label(std::string_view name) {
  return name.starts_with(".L");
}

bool is_auto_named(std::string_view name) {
  if (name.starts_with("DW.ref.") || is_local_label(name))
    return false;
  if (lambda_number(name, 0).begin != name.npos)
    return true;
  size_t dot = name.find('.', 1);
  while (dot != std::string_view::npos) {
    size_t end = std::min(name.find('.', dot + 1), name.size());
    if (all_digits(name.substr(dot + 1, end - dot - 1)))
      return true;
    dot = end == name.size() ? std::string_view::npos : end;
  }
  return false;
}

std::string base_name(std::string_view whole) {
  std::string unnumbered = without_lambda_numbers(whole);
  std::string_view name = unnumbered;
  std::string base;
  size_t begin = 0;
  while (begin <= name.size()) {
    size_t end = std::min(name.find('.', begin), name.size());
    std::string_view part = name.substr(begin, end - begin);
    if (begin == 0 || !(all_digits(part) || part == "lto_priv")) {
      if (begin != 0)
        base += '.';
      base += part;
    }
    begin = end + 1;
  }
  return base;
}

std::string_view hot_name(std::string_view name) {
  size_t at = name.rfind(".cold");
  if (at == std::string_view::npos || at == 0)
    return {};
  std::string_view rest = name.substr(at + 5);
  if (rest.empty() || (rest[0] == '.' && all_digits(rest.substr(1))))
    return name.substr(0, at);
  return {};
}

std::string with_suffix(std::string_view name, std::string_view suffix) {
  if (name.size() > 1 && name.back() == '"')
    return std::string(name.substr(0, name.size() - 1)) + std::string(suffix) + '"';
  return std::string(name) + std::string(suffix);
}

} // namespace care
