// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dwarf/compare_types.h"

#include <algorithm>
#include <array>
#include <dwarf.h>
#include <map>
#include <set>

#include <fmt/format.h>

namespace care {

namespace {

uint64_t size_of(const DebugUnit &unit, TypeId id, int depth = 0) {
  const Type &type = unit.types[plain_type(unit, id)];
  // An array without a count is a flexible member: 0 elements.
  if (type.kind == TypeKind::array && depth < 16)
    return type.size ? type.size : type.count * size_of(unit, type.target, depth + 1);
  return type.size;
}

// What a value of the type looks like in memory and what may be done with it; equal
// texts are equal types. Named types count by name: they are compared by themselves.
class Meaning {
 public:
  explicit Meaning(const DebugUnit &unit) : unit_(unit) {}
  std::string of(TypeId id) { return of(id, 0); }
  // Of the function that a pointer points to, or an array of such pointers.
  std::string called(TypeId pointer) {
    const Type *type = &unit_.types[plain_type(unit_, pointer)];
    while (type->kind == TypeKind::array)
      type = &unit_.types[plain_type(unit_, type->target)];
    return of(type->target);
  }

 private:
  std::string of(TypeId id, int depth);
  std::string aggregate(const Type &type, int depth);
  std::string function(const Type &type, int depth);
  std::string base(const Type &type);

  const DebugUnit &unit_;
};

std::string Meaning::base(const Type &type) {
  switch (type.encoding) {
  case DW_ATE_float:
  case DW_ATE_complex_float:
    return fmt::format("f{}", type.size);
  case DW_ATE_boolean:
    return fmt::format("b{}", type.size);
  case DW_ATE_signed:
  case DW_ATE_signed_char:
    return fmt::format("i{}", type.size);
  default:
    return fmt::format("u{}", type.size);
  }
}

std::string Meaning::function(const Type &type, int depth) {
  std::string text = of(type.target, depth + 1) + "(";
  for (TypeId parameter : type.parameters)
    text += of(parameter, depth + 1) + ",";
  return text + ")";
}

std::string Meaning::aggregate(const Type &type, int depth) {
  std::string text = fmt::format("{}:{}{{", keyword_of(type.kind), type.size);
  for (const Member &member : type.members)
    text += fmt::format("{}@{}/{} {};", member.name, member.bit_offset, member.bit_size,
                        of(member.type, depth + 1));
  return text + "}";
}

std::string Meaning::of(TypeId id, int depth) {
  if (depth > 8)
    return "...";
  const Type &type = unit_.types[plain_type(unit_, id)];
  std::string name = full_name(unit_, plain_type(unit_, id));
  switch (type.kind) {
  case TypeKind::none:
    return "void";
  case TypeKind::base:
    return base(type);
  case TypeKind::enumeration:
    return name.empty() ? fmt::format("u{}", type.size) : name;
  case TypeKind::pointer:
  case TypeKind::reference:
    return of(type.target, depth + 1) + "*";
  case TypeKind::array:
    return fmt::format("{}[{}]", of(type.target, depth + 1), type.count);
  case TypeKind::function:
    return function(type, depth);
  case TypeKind::member_pointer:
    return fmt::format("member{}", type.size);
  default:
    return name.empty() ? aggregate(type, depth) : name;
  }
}

class TypeComparison {
 public:
  TypeComparison(const DebugUnit &original, const DebugUnit &patched)
      : original_(original), patched_(patched), old_meaning_(original), new_meaning_(patched) {}

  std::vector<TypeChange> run();

 private:
  std::map<std::string, std::vector<TypeId>> named(const DebugUnit &unit);
  void compare_aggregate(TypeId a, TypeId b, TypeChange &change);
  void compare_enumerators(const Type &a, const Type &b, TypeChange &change);
  void compare_slots(const Type &a, const Type &b, TypeChange &change);
  void compare_member(const Member &a, const Member &b, TypeChange &change);
  MemberChange change_of(ChangeKind kind, const Member *a, const Member *b);
  ChangeKind retyped(TypeId a, TypeId b);
  bool only_numbers(TypeId a, TypeId b);
  void find_causes(std::vector<TypeChange> &changes);
  uint64_t bits_of(const DebugUnit &unit, const Member &m) {
    return m.bit_size ? m.bit_size : size_of(unit, m.type) * 8;
  }

  const DebugUnit &original_;
  const DebugUnit &patched_;
  Meaning old_meaning_, new_meaning_;
};

// struct and class are the same thing: a forward declaration may say the other word.
std::string key_of(std::string name) {
  return name.starts_with("class ") ? "struct " + name.substr(6) : name;
}

// Closures live with the function that makes them and are named by numbers or, as all that
// has no name, by where clang found it: std::remove_reference<(lambda at a.cc:24:18)>::type.
// Another line is another name, and another's.
bool named_by_place(const std::string &name) {
  constexpr std::array kPlaces = {
      "<lambda",
      "(lambda at ",
      "(anonymous struct at ",
      "(anonymous class at ",
      "(anonymous union at ",
      "(anonymous enum at ",
      "(unnamed struct at ",
      "(unnamed class at ",
      "(unnamed union at ",
      "(unnamed enum at ",
  };
  return std::any_of(kPlaces.begin(), kPlaces.end(),
                     [&](const char *place) { return name.find(place) != std::string::npos; });
}

std::map<std::string, std::vector<TypeId>> TypeComparison::named(const DebugUnit &unit) {
  std::map<std::string, std::vector<TypeId>> out;
  for (TypeId id = 1; id < unit.types.size(); id++) {
    const Type &type = unit.types[id];
    if (type.declaration || (!type.aggregate() && type.kind != TypeKind::enumeration))
      continue;
    std::string name = full_name(unit, id);
    if (!name.empty() && !named_by_place(name))
      out[key_of(name)].push_back(id);
  }
  return out;
}

bool TypeComparison::only_numbers(TypeId a, TypeId b) {
  auto number = [](const DebugUnit &unit, TypeId id) {
    const Type &type = unit.types[plain_type(unit, id)];
    return type.kind == TypeKind::enumeration ||
           (type.kind == TypeKind::base && type.encoding != DW_ATE_float &&
            type.encoding != DW_ATE_complex_float);
  };
  return number(original_, a) && number(patched_, b);
}

// Two types of one size that are not equal.
ChangeKind TypeComparison::retyped(TypeId a, TypeId b) {
  const Type &x = original_.types[plain_type(original_, a)];
  const Type &y = patched_.types[plain_type(patched_, b)];
  if (only_numbers(a, b))
    return ChangeKind::note;
  if (x.kind == TypeKind::array && y.kind == TypeKind::array && x.count == y.count)
    return retyped(x.target, y.target);
  if (x.kind != TypeKind::pointer || y.kind != TypeKind::pointer)
    return ChangeKind::retyped;
  const Type &to_x = original_.types[plain_type(original_, x.target)];
  const Type &to_y = patched_.types[plain_type(patched_, y.target)];
  if (to_x.kind == TypeKind::function && to_y.kind == TypeKind::function)
    return ChangeKind::signature;
  if (to_x.kind == TypeKind::none || to_y.kind == TypeKind::none ||
      (only_numbers(x.target, y.target) && to_x.size == to_y.size))
    return ChangeKind::note;
  return ChangeKind::retyped;
}

MemberChange TypeComparison::change_of(ChangeKind kind, const Member *a, const Member *b) {
  MemberChange change;
  change.kind = kind;
  const Member &named = b ? *b : *a;
  change.member = named.base ? "base class" : named.name.empty() ? "(anonymous)" : named.name;
  if (a) {
    change.old_offset = a->bit_offset;
    change.old_size = bits_of(original_, *a);
    change.old_type = type_text(original_, a->type);
  }
  if (b) {
    change.new_offset = b->bit_offset;
    change.new_size = bits_of(patched_, *b);
    change.new_type = type_text(patched_, b->type);
  }
  return change;
}

void TypeComparison::compare_member(const Member &a, const Member &b, TypeChange &change) {
  ChangeKind kind = ChangeKind::note;
  if (bits_of(original_, a) != bits_of(patched_, b) || (a.bit_size == 0) != (b.bit_size == 0))
    kind = ChangeKind::resized;
  else if (old_meaning_.of(a.type) != new_meaning_.of(b.type) &&
           key_of(old_meaning_.of(a.type)) != key_of(new_meaning_.of(b.type)))
    kind = retyped(a.type, b.type);
  else if (a.bit_offset == b.bit_offset)
    return;
  if (a.bit_offset != b.bit_offset && (kind == ChangeKind::note || kind == ChangeKind::retyped))
    kind = ChangeKind::moved;
  change.members.push_back(change_of(kind, &a, &b));
  if (kind == ChangeKind::signature)
    change.members.back().called = old_meaning_.called(a.type);
}

// Pairs of members: by name and, for base classes and anonymous ones, by order.
std::vector<std::pair<const Member *, const Member *>>
pair_members(const Type &a, const Type &b, const DebugUnit &old_unit, const DebugUnit &new_unit) {
  auto keys = [](const Type &type, const DebugUnit &unit) {
    std::map<std::string, const Member *> out;
    std::map<std::string, int> counts;
    for (const Member &m : type.members) {
      std::string key = m.base ? "base " + type_text(unit, m.type) : m.name;
      if (key.empty())
        key = "anonymous";
      int count = counts[key]++;
      out[fmt::format("{} {}", key, count)] = &m;
    }
    return out;
  };
  auto left = keys(a, old_unit);
  auto right = keys(b, new_unit);
  std::vector<std::pair<const Member *, const Member *>> pairs;
  for (auto &[key, member] : left) {
    auto found = right.find(key);
    pairs.emplace_back(member, found == right.end() ? nullptr : found->second);
    if (found != right.end())
      right.erase(found);
  }
  for (auto &[key, member] : right)
    pairs.emplace_back(nullptr, member);
  return pairs;
}

// True when no member of `type` lies where `m` does.
bool in_padding(const Type &type, const DebugUnit &unit, uint64_t offset, uint64_t size) {
  if (size == 0 || offset + size > type.size * 8)
    return false;
  return std::none_of(type.members.begin(), type.members.end(), [&](const Member &old) {
    uint64_t bits = old.bit_size ? old.bit_size : size_of(unit, old.type) * 8;
    return offset < old.bit_offset + bits && old.bit_offset < offset + size;
  });
}

void TypeComparison::compare_aggregate(TypeId ia, TypeId ib, TypeChange &change) {
  const Type &a = original_.types[ia];
  const Type &b = patched_.types[ib];
  auto pairs = pair_members(a, b, original_, patched_);
  // A member that went and one that came at the same place with the same meaning.
  for (auto &[gone, none] : pairs) {
    if (!gone || none || gone->base)
      continue;
    const Member *left = gone;
    auto renamed = std::find_if(pairs.begin(), pairs.end(), [&](const auto &other) {
      return !other.first && other.second && other.second->bit_offset == left->bit_offset &&
             bits_of(patched_, *other.second) == bits_of(original_, *left);
    });
    if (renamed == pairs.end())
      continue;
    const Member *right = renamed->second;
    bool same = old_meaning_.of(left->type) == new_meaning_.of(right->type);
    ChangeKind kind = same ? ChangeKind::renamed : retyped(left->type, right->type);
    if (kind == ChangeKind::retyped)
      continue; // one went, another came
    if (kind == ChangeKind::note)
      kind = ChangeKind::renamed;
    MemberChange both = change_of(kind, left, right);
    both.member = fmt::format("{} -> {}", left->name, right->name);
    if (kind == ChangeKind::signature)
      both.called = old_meaning_.called(left->type);
    change.members.push_back(both);
    gone = nullptr;
    renamed->second = nullptr;
  }
  for (const auto &[left, right] : pairs) {
    if (left && right) {
      compare_member(*left, *right, change);
    } else if (left || right) {
      MemberChange one = change_of(left ? ChangeKind::removed : ChangeKind::added, left, right);
      one.padding = right && in_padding(a, original_, one.new_offset, one.new_size);
      change.members.push_back(one);
    }
  }
  compare_slots(a, b, change);
}

void TypeComparison::compare_slots(const Type &a, const Type &b, TypeChange &change) {
  std::map<std::string, uint64_t> old_slots, new_slots;
  for (const VirtualFunction &f : a.virtual_functions)
    old_slots[f.name] = f.slot;
  for (const VirtualFunction &f : b.virtual_functions)
    new_slots[f.name] = f.slot;
  for (auto &[name, slot] : old_slots) {
    auto found = new_slots.find(name);
    if (found != new_slots.end() && found->second == slot)
      continue;
    MemberChange one{ChangeKind::slot, name, slot};
    one.new_offset = found == new_slots.end() ? slot : found->second;
    one.new_type = found == new_slots.end() ? "gone" : "";
    change.members.push_back(one);
  }
  for (auto &[name, slot] : new_slots)
    if (!old_slots.count(name)) {
      MemberChange one{ChangeKind::slot, name, slot, slot};
      one.new_type = "new";
      change.members.push_back(one);
    }
}

void TypeComparison::compare_enumerators(const Type &a, const Type &b, TypeChange &change) {
  std::map<std::string, int64_t> values;
  for (const Enumerator &e : b.enumerators)
    values[e.name] = e.value;
  int64_t last = INT64_MIN;
  for (const Enumerator &e : a.enumerators)
    last = std::max(last, e.value);
  for (const Enumerator &e : a.enumerators) {
    auto found = values.find(e.name);
    if (found == values.end() || found->second == e.value)
      continue;
    // The highest one is a count more often than not: it makes room for new ones.
    bool count = e.value == last && found->second > e.value;
    MemberChange one{count ? ChangeKind::note : ChangeKind::value, e.name};
    one.old_offset = static_cast<uint64_t>(e.value);
    one.new_offset = static_cast<uint64_t>(found->second);
    change.members.push_back(one);
  }
}

// A member whose change another changed type explains: it embeds that one.
void TypeComparison::find_causes(std::vector<TypeChange> &changes) {
  std::map<std::string, const TypeChange *> by_name;
  for (const TypeChange &change : changes)
    if (!change.harmless())
      by_name[key_of(change.name)] = &change;
  for (TypeChange &change : changes) {
    std::string cause;
    // In ascending order: what lies behind a grown member moved because of it.
    for (MemberChange &member : change.members) {
      std::string type = key_of(member.new_type.substr(0, member.new_type.find('[')));
      bool embeds = by_name.count(type) && type != key_of(change.name);
      if (embeds && member.kind == ChangeKind::resized && member.old_type == member.new_type)
        cause = by_name[type]->name;
      if (!cause.empty() &&
          (member.kind == ChangeKind::resized ? embeds : member.kind == ChangeKind::moved))
        member.cause = cause;
    }
  }
}

std::vector<TypeChange> TypeComparison::run() {
  auto left = named(original_);
  auto right = named(patched_);
  std::vector<TypeChange> changes;
  for (auto &[name, ids] : left) {
    auto found = right.find(name);
    if (found == right.end())
      continue;
    // Several of one name and scope (blocks of one function): in their order.
    for (size_t i = 0; i < std::min(ids.size(), found->second.size()); i++) {
      const Type &a = original_.types[ids[i]];
      const Type &b = patched_.types[found->second[i]];
      TypeChange change{full_name(patched_, found->second[i]),
                        ids[i],
                        found->second[i],
                        a.size,
                        b.size,
                        b.file,
                        b.line,
                        a.line,
                        {}};
      if (a.kind == TypeKind::enumeration)
        compare_enumerators(a, b, change);
      else
        compare_aggregate(ids[i], found->second[i], change);
      std::stable_sort(
          change.members.begin(), change.members.end(),
          [](const MemberChange &x, const MemberChange &y) { return x.new_offset < y.new_offset; });
      if (a.size != b.size || !change.members.empty())
        changes.push_back(std::move(change));
    }
  }
  find_causes(changes);
  return changes;
}

} // namespace

std::string_view change_word(ChangeKind kind) {
  constexpr std::string_view kWords[] = {"added",     "removed", "moved", "resized", "retyped",
                                         "signature", "slot",    "value", "renamed", "note"};
  return kWords[static_cast<size_t>(kind)];
}

bool TypeChange::harmless() const {
  return old_size == new_size && std::all_of(members.begin(), members.end(),
                                             [](const MemberChange &m) { return m.harmless(); });
}

bool TypeChange::derived() const {
  return !members.empty() && std::all_of(members.begin(), members.end(), [](const MemberChange &m) {
    return m.harmless() || !m.cause.empty();
  });
}

std::string signature_text(const DebugUnit &unit, const DebugFunction &function) {
  Meaning meaning(unit);
  // As Meaning writes a function type, one level down.
  std::string text = meaning.of(function.result) + "(";
  for (TypeId parameter : function.parameters)
    text += meaning.of(parameter) + ",";
  return text + ")";
}

std::vector<TypeChange> compare_types(const DebugUnit &original, const DebugUnit &patched) {
  return TypeComparison(original, patched).run();
}

} // namespace care
