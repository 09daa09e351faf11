// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table of names is a plain open-addressing one over 32-bit numbers: a
// translation unit has tens of thousands of labels, and a node for each would
// cost more memory than the text they stand in.
#include "kpatch_gensrc/asm/names.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace care::gensrc {

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

namespace {

// Cuts the numbers out of one mangled name, from left to right. Itanium C++ ABI,
// 5.1.7: closure types are `Ul TYPES E [NUMBER] _`, unnamed types `Ut [NUMBER] _`;
// 5.1.6: a local name ends in `_ DIGIT` or `__ NUMBER _`. clang calls closures that no
// other file can see `$_NUMBER`, with the length in front: what follows may begin with a
// digit, as in `3$_08__invoke`.
class NumberCutter {
 public:
  NumberCutter(std::string_view name, std::vector<long> *numbers)
      : name_(name), numbers_(numbers) {}

  std::string run() {
    for (size_t at = 0; at < name_.size();) {
      size_t next = std::min(name_.find_first_of("$UE", at), name_.size());
      out_.append(name_, at, next - at);
      at = next < name_.size() ? step(next) : next;
    }
    if (name_.starts_with("_ZZ") || name_.starts_with("_ZGVZ"))
      cut_discriminator();
    return std::move(out_);
  }

 private:
  size_t digits_end(size_t at) const {
    return std::min(name_.find_first_not_of("0123456789", at), name_.size());
  }
  // Behind the number of the `$_` at `at`. The length, of one digit, says how long it is.
  size_t dollar_end(size_t at) const {
    size_t end = digits_end(at + 2);
    char length = at > 0 ? name_[at - 1] : '0';
    return length < '3' || length > '9' ? end : std::min(end, at + (length - '0'));
  }
  void note(std::string_view digits) {
    if (numbers_ != nullptr)
      numbers_->push_back(digits.empty() ? -1
                                         : std::strtol(std::string(digits).c_str(), nullptr, 10));
  }

  size_t step(size_t at) {
    std::string_view rest = name_.substr(at);
    bool dollar = rest.starts_with("$_");
    bool unnamed = rest.starts_with("Ut");
    closure_ = closure_ || rest.starts_with("Ul");
    size_t number = at + (dollar || unnamed ? 2 : 1);
    size_t end = dollar ? dollar_end(at) : digits_end(number);
    bool closes = end < name_.size() && name_[end] == '_';
    bool numbered =
        (dollar && end > number) || (unnamed && closes) || (closure_ && name_[at] == 'E' && closes);
    if (dollar && numbered && out_.find_last_of("0123456789") == out_.size() - 1)
      out_.pop_back(); // the length depends on the number's
    out_.append(name_, at, numbered ? number - at : 1);
    if (!numbered)
      return at + 1;
    note(name_.substr(number, end - number));
    closure_ = closure_ && (dollar || unnamed);
    return end;
  }

  void cut_discriminator() {
    size_t last = out_.find_last_not_of("0123456789_");
    std::string_view tail = std::string_view(out_).substr(last + 1);
    // Digits in front belong to the name itself: `1x_0`.
    size_t underscore = tail.find('_');
    if (underscore == tail.npos || tail.size() <= underscore + 1)
      return;
    note(tail.substr(tail.find_first_not_of('_', underscore)));
    out_.resize(last + 1 + underscore);
  }

  std::string_view name_;
  std::vector<long> *numbers_;
  std::string out_;
  bool closure_ = false; // behind Ul
};

} // namespace

std::string without_cxx_numbers(std::string_view name, std::vector<long> *numbers) {
  bool may =
      name.starts_with("_ZZ") || name.starts_with("_ZGVZ") ||
      (name.starts_with("_Z") && (name.find("Ul") != name.npos || name.find("Ut") != name.npos ||
                                  name.find("$_") != name.npos));
  return may ? NumberCutter(name, numbers).run() : std::string(name);
}

ClosureName closure_name(std::string_view name) {
  ClosureName closure;
  std::vector<long> numbers;
  closure.family = without_cxx_numbers(name, &numbers);
  std::string_view family = closure.family;
  size_t begin = std::min(family.find("Ul"), family.find("$_"));
  size_t local = begin == family.npos ? family.npos : family.rfind('Z', begin);
  if (numbers.size() != 1 || local == family.npos || local == 1)
    return closure;
  closure.number = numbers[0];
  // Behind the function: `ENKUl` in the name of the body, `EUl` elsewhere.
  std::string_view function = family.substr(local + 1, begin - local - 1);
  for (std::string_view tail : {"NK", "N"})
    if (function.ends_with(std::string("E").append(tail)))
      function.remove_suffix(tail.size());
  std::string_view type = family.substr(begin);
  type = type.starts_with("$_") ? type.substr(0, 2) : type.substr(0, type.find("E_"));
  closure.scope = std::string(function) + " " + std::string(type);
  std::string_view rest = family.substr(begin + type.size());
  if (rest.starts_with("E_cl") || rest.starts_with("cl"))
    closure.role = ClosureName::Role::body;
  else if (rest.find("_M_invoke") != rest.npos || rest.find("_FUN") != rest.npos ||
           rest.find("__invoke") != rest.npos)
    closure.role = ClosureName::Role::may_hold_body; // inlined
  return closure;
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

} // namespace care::gensrc
