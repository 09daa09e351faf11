// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the debug information of one translation unit says about types, variables and
// functions, as plain data.
//
// Types are numbered within their unit; number 0 is void, and stands for whatever could
// not be read. A named struct that is only declared where it is used leads to its
// definition when the unit has one. C++ scopes, and the function that a local type is
// in, are part of the name: "ns::Class", "f()::local".
//
// It knows nothing of addresses and lines of code: only what is needed to see whether
// the same source means the same data.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace care {

using TypeId = uint32_t;
inline constexpr TypeId kVoidType = 0;

enum class TypeKind {
  none, // void, or not understood
  base,
  structure,
  class_,
  union_,
  enumeration,
  pointer,
  reference,
  member_pointer,
  array,
  function,
  alias, // typedef
  qualifier,
};

struct Member {
  std::string name; // "" for a base class or an anonymous member
  TypeId type = kVoidType;
  uint64_t bit_offset = 0;
  uint64_t bit_size = 0; // of a bit-field; 0: none
  bool base = false;     // a base class; a virtual one has no offset of its own
};

struct Enumerator {
  std::string name;
  int64_t value = 0;
};

struct VirtualFunction {
  std::string name; // linkage name
  uint64_t slot = 0;
};

struct Type {
  TypeKind kind = TypeKind::none;
  std::string name;     // with its scope; "" for an anonymous one
  uint64_t size = 0;    // bytes
  uint64_t count = 0;   // elements of an array, 0: not known
  uint8_t encoding = 0; // DW_ATE_* of a base type
  bool declaration = false;
  bool constant = false;     // a qualifier: const
  TypeId target = kVoidType; // pointed to, element, aliased, returned
  TypeId owner = kVoidType;  // typedef that names an anonymous one; or 0
  std::vector<Member> members;
  std::vector<Enumerator> enumerators;
  std::vector<VirtualFunction> virtual_functions;
  std::vector<TypeId> parameters; // of a function type
  std::string file;
  unsigned line = 0;

  bool aggregate() const {
    return kind == TypeKind::structure || kind == TypeKind::class_ || kind == TypeKind::union_;
  }
};

// A variable with one place for the whole run: global, static, thread-local, or declared
// here and defined elsewhere.
struct StaticVariable {
  std::string name;
  TypeId type = kVoidType;
  std::string file;
  unsigned line = 0;
};

struct DebugFunction {
  std::string symbol;    // linkage name
  bool has_code = false; // not only an inlined body
  TypeId result = kVoidType;
  std::vector<TypeId> parameters;
  std::vector<TypeId> inlined_parameters; // of functions inlined into it
  std::vector<TypeId> locals;             // automatic variables, those of inlined functions too
};

struct DebugUnit {
  std::string path;        // of the source as the compiler was given it
  std::string why_not;     // not empty: there are no types in it, and why
  std::vector<Type> types; // [0] is void
  std::vector<StaticVariable> variables;
  std::vector<DebugFunction> functions;
};

// Calls `visit` for each unit of an ELF file (object, executable, library), one after
// the other: a large program's units do not fit in memory at once. Returns why there is
// nothing to read, or "". Throws Error (bad_input) for what is no ELF file.
std::string visit_units(const std::string &path, const std::function<void(DebugUnit &&)> &visit);

// Without typedefs and qualifiers around it.
TypeId plain_type(const DebugUnit &unit, TypeId type);
// "struct", "class", "union", "enum".
std::string_view keyword_of(TypeKind kind);
// "struct foo", by the typedef when it has no other name; "" for an anonymous type.
std::string full_name(const DebugUnit &unit, TypeId type);
// As C writes it, roughly: "struct foo *[8]", "int (*)(char *, int)".
std::string type_text(const DebugUnit &unit, TypeId type);

} // namespace care
