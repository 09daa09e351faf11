// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dwarf/debug_unit.h"

#include <fmt/format.h>

namespace care {

namespace {

// Deep enough for any declaration; recursive ones end here.
constexpr int kTextDepth = 12;

std::string text_of(const DebugUnit &unit, TypeId id, int depth);

std::string function_text(const DebugUnit &unit, const Type &type, std::string_view middle,
                          int depth) {
  std::string parameters;
  for (TypeId parameter : type.parameters)
    parameters += (parameters.empty() ? "" : ", ") + text_of(unit, parameter, depth + 1);
  return fmt::format("{} {}({})", text_of(unit, type.target, depth + 1), middle,
                     parameters.empty() ? "void" : parameters);
}

std::string pointer_text(const DebugUnit &unit, const Type &type, int depth) {
  std::string_view mark = type.kind == TypeKind::reference ? "&" : "*";
  const Type &target = unit.types[plain_type(unit, type.target)];
  if (target.kind == TypeKind::function)
    return function_text(unit, target, fmt::format("({})", mark), depth);
  std::string text = text_of(unit, type.target, depth + 1);
  return text + (text.ends_with('*') ? "" : " ") + std::string(mark);
}

std::string text_of(const DebugUnit &unit, TypeId id, int depth) {
  const Type &type = unit.types[id];
  if (depth > kTextDepth)
    return "...";
  switch (type.kind) {
  case TypeKind::none:
    return "void";
  case TypeKind::qualifier:
    return text_of(unit, type.target, depth);
  case TypeKind::pointer:
  case TypeKind::reference:
    return pointer_text(unit, type, depth);
  case TypeKind::array:
    return fmt::format("{}[{}]", text_of(unit, type.target, depth + 1),
                       type.count ? std::to_string(type.count) : "");
  case TypeKind::function:
    return function_text(unit, type, "", depth);
  case TypeKind::base:
  case TypeKind::alias:
  case TypeKind::member_pointer:
    return type.name.empty() ? "member pointer" : type.name;
  default:
    break;
  }
  std::string name = full_name(unit, id);
  return name.empty() ? fmt::format("{} {{...}}", keyword_of(type.kind)) : name;
}

} // namespace

TypeId plain_type(const DebugUnit &unit, TypeId type) {
  // A chain of typedefs that leads in a circle is no C, but bytes can say it.
  for (size_t steps = 0; steps < unit.types.size(); steps++) {
    const Type &t = unit.types[type];
    if (t.kind != TypeKind::alias && t.kind != TypeKind::qualifier)
      return type;
    type = t.target;
  }
  return kVoidType;
}

std::string_view keyword_of(TypeKind kind) {
  switch (kind) {
  case TypeKind::structure:
    return "struct";
  case TypeKind::class_:
    return "class";
  case TypeKind::union_:
    return "union";
  case TypeKind::enumeration:
    return "enum";
  default:
    return "type";
  }
}

std::string full_name(const DebugUnit &unit, TypeId id) {
  const Type &type = unit.types[id];
  if (!type.aggregate() && type.kind != TypeKind::enumeration)
    return "";
  if (!type.name.empty())
    return fmt::format("{} {}", keyword_of(type.kind), type.name);
  return type.owner ? unit.types[type.owner].name : "";
}

std::string type_text(const DebugUnit &unit, TypeId type) {
  return text_of(unit, type, 0);
}

} // namespace care
