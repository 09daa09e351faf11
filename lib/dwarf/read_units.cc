// SPDX-License-Identifier: GPL-2.0-or-later
//
// One walk over a unit's tree gives every type a number by its place and fills it in;
// attributes lead to types by place, before or after they were met.
#include "lib/dwarf/debug_unit.h"

#include <algorithm>
#include <dwarf.h>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "lib/base/error.h"
#include "lib/dwarf/debug_file.h"

namespace care {

namespace {

// "" when there is none.
std::string text_of(Dwarf_Die &die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  const char *text = nullptr;
  if (dwarf_attr_integrate(&die, attribute_name, &attribute))
    text = dwarf_formstring(&attribute);
  return text ? text : "";
}

std::string name_of(Dwarf_Die &die) {
  return text_of(die, DW_AT_name);
}

std::string linkage_name(Dwarf_Die &die) {
  std::string name = text_of(die, DW_AT_linkage_name);
  return name.empty() ? name_of(die) : name;
}

uint64_t number_of(Dwarf_Die &die, unsigned attribute_name, uint64_t otherwise = 0) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = otherwise;
  if (!dwarf_attr_integrate(&die, attribute_name, &attribute) ||
      dwarf_formudata(&attribute, &value) != 0)
    return otherwise;
  return value;
}

bool flag_of(Dwarf_Die &die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  bool value = false;
  return dwarf_attr_integrate(&die, attribute_name, &attribute) &&
         dwarf_formflag(&attribute, &value) == 0 && value;
}

TypeKind kind_of(int tag) {
  switch (tag) {
  case DW_TAG_base_type:
  case DW_TAG_unspecified_type:
    return TypeKind::base;
  case DW_TAG_structure_type:
    return TypeKind::structure;
  case DW_TAG_class_type:
    return TypeKind::class_;
  case DW_TAG_union_type:
    return TypeKind::union_;
  case DW_TAG_enumeration_type:
    return TypeKind::enumeration;
  case DW_TAG_pointer_type:
    return TypeKind::pointer;
  case DW_TAG_reference_type:
  case DW_TAG_rvalue_reference_type:
    return TypeKind::reference;
  case DW_TAG_ptr_to_member_type:
    return TypeKind::member_pointer;
  case DW_TAG_array_type:
    return TypeKind::array;
  case DW_TAG_subroutine_type:
    return TypeKind::function;
  case DW_TAG_typedef:
    return TypeKind::alias;
  case DW_TAG_const_type:
  case DW_TAG_volatile_type:
  case DW_TAG_restrict_type:
  case DW_TAG_atomic_type:
    return TypeKind::qualifier;
  default:
    return TypeKind::none;
  }
}

class UnitReader {
 public:
  explicit UnitReader(Dwarf_Die root) : root_(root) { unit_.types.emplace_back(); }

  DebugUnit read() {
    unit_.path = name_of(root_);
    walk_children(root_, "", nullptr);
    resolve_declarations();
    name_anonymous();
    return std::move(unit_);
  }

 private:
  TypeId id_at(Dwarf_Die &die) {
    auto [found, fresh] = ids_.try_emplace(die.addr, static_cast<TypeId>(unit_.types.size()));
    if (fresh)
      unit_.types.emplace_back();
    return found->second;
  }

  TypeId type_of(Dwarf_Die &die, unsigned attribute_name = DW_AT_type) {
    Dwarf_Attribute attribute;
    Dwarf_Die type;
    if (!dwarf_attr_integrate(&die, attribute_name, &attribute) ||
        !dwarf_formref_die(&attribute, &type))
      return kVoidType;
    return id_at(type);
  }

  template<typename Visit>
  void each_child(Dwarf_Die &die, Visit visit) {
    Dwarf_Die child;
    if (dwarf_child(&die, &child) != 0)
      return;
    do
      visit(child);
    while (dwarf_siblingof(&child, &child) == 0);
  }

  void walk_children(Dwarf_Die &die, const std::string &scope, DebugFunction *function) {
    each_child(die, [&](Dwarf_Die &child) { walk(child, scope, function); });
  }

  void walk(Dwarf_Die &die, const std::string &scope, DebugFunction *function);
  void read_function(Dwarf_Die &die, const std::string &scope);
  void read_variable(Dwarf_Die &die, DebugFunction *function);
  void read_type(Dwarf_Die &die, TypeKind kind, const std::string &scope);
  void read_member(Dwarf_Die &die, Type &owner);
  void read_child_of_type(Dwarf_Die &child, Type &type, const std::string &scope);
  void resolve_declarations();
  void name_anonymous();
  std::string file_of(Dwarf_Die &die) {
    const char *file = dwarf_decl_file(&die);
    return file ? file : "";
  }
  unsigned line_of(Dwarf_Die &die) {
    int line = 0;
    return dwarf_decl_line(&die, &line) == 0 ? static_cast<unsigned>(line) : 0;
  }

  Dwarf_Die root_;
  int inlined_ = 0; // depth of inlined functions that the walk is in
  DebugUnit unit_;
  std::unordered_map<void *, TypeId> ids_;
};

std::string inner_scope(const std::string &scope, const std::string &name,
                        std::string_view anonymous) {
  return scope + (name.empty() ? std::string(anonymous) : name) + "::";
}

void UnitReader::walk(Dwarf_Die &die, const std::string &scope, DebugFunction *function) {
  int tag = dwarf_tag(&die);
  switch (tag) {
  case DW_TAG_namespace:
    walk_children(die, inner_scope(scope, name_of(die), "(anonymous)"), function);
    return;
  case DW_TAG_subprogram:
    read_function(die, scope);
    return;
  case DW_TAG_variable:
    read_variable(die, function);
    return;
  case DW_TAG_formal_parameter:
    if (function)
      (inlined_ ? function->inlined_parameters : function->parameters).push_back(type_of(die));
    return;
  case DW_TAG_lexical_block:
    walk_children(die, scope, function);
    return;
  case DW_TAG_inlined_subroutine:
    inlined_++;
    walk_children(die, scope, function);
    inlined_--;
    return;
  default:
    break;
  }
  if (TypeKind kind = kind_of(tag); kind != TypeKind::none)
    read_type(die, kind, scope);
}

void UnitReader::read_function(Dwarf_Die &die, const std::string &scope) {
  DebugFunction function;
  std::string inside = scope + name_of(die) + "()::";
  if (flag_of(die, DW_AT_declaration) && !dwarf_hasattr(&die, DW_AT_abstract_origin) &&
      !dwarf_hasattr(&die, DW_AT_specification))
    return;
  function.symbol = linkage_name(die);
  function.has_code = dwarf_hasattr(&die, DW_AT_low_pc) || dwarf_hasattr(&die, DW_AT_ranges);
  function.result = type_of(die);
  walk_children(die, inside, &function);
  unit_.functions.push_back(std::move(function));
}

// Static storage shows in the location: an address, or an offset in thread-local storage.
bool has_fixed_place(Dwarf_Die &die) {
  Dwarf_Attribute attribute;
  Dwarf_Op *ops = nullptr;
  size_t count = 0;
  if (!dwarf_attr_integrate(&die, DW_AT_location, &attribute) ||
      dwarf_getlocation(&attribute, &ops, &count) != 0)
    return false;
  return std::any_of(ops, ops + count, [](const Dwarf_Op &op) {
    return op.atom == DW_OP_addr || op.atom == DW_OP_addrx || op.atom == DW_OP_GNU_addr_index ||
           op.atom == DW_OP_form_tls_address || op.atom == DW_OP_GNU_push_tls_address;
  });
}

void UnitReader::read_variable(Dwarf_Die &die, DebugFunction *function) {
  TypeId type = type_of(die);
  if (function && !has_fixed_place(die)) {
    if (!flag_of(die, DW_AT_declaration))
      function->locals.push_back(type);
    return;
  }
  unit_.variables.push_back({name_of(die), type, file_of(die), line_of(die)});
}

void UnitReader::read_member(Dwarf_Die &die, Type &owner) {
  Member member;
  member.name = name_of(die);
  member.type = type_of(die);
  member.base = dwarf_tag(&die) == DW_TAG_inheritance;
  member.bit_size = number_of(die, DW_AT_bit_size);
  uint64_t offset = number_of(die, DW_AT_data_member_location);
  member.bit_offset = number_of(die, DW_AT_data_bit_offset, offset * 8);
  // DWARF 3 counts a bit-field from the most significant bit of its storage unit.
  if (Dwarf_Attribute old; member.bit_size && dwarf_attr(&die, DW_AT_bit_offset, &old)) {
    uint64_t storage = number_of(die, DW_AT_byte_size, owner.size) * 8;
    member.bit_offset = offset * 8 + storage - number_of(die, DW_AT_bit_offset) - member.bit_size;
  }
  owner.members.push_back(std::move(member));
}

void UnitReader::read_child_of_type(Dwarf_Die &child, Type &type, const std::string &scope) {
  Dwarf_Attribute attribute;
  switch (dwarf_tag(&child)) {
  case DW_TAG_inheritance:
  case DW_TAG_member:
    // A static member is a declaration, its variable is elsewhere.
    if (!flag_of(child, DW_AT_external))
      read_member(child, type);
    return;
  case DW_TAG_enumerator: {
    Dwarf_Sword value = 0;
    if (dwarf_attr(&child, DW_AT_const_value, &attribute))
      dwarf_formsdata(&attribute, &value);
    type.enumerators.push_back({name_of(child), value});
    return;
  }
  case DW_TAG_subrange_type: {
    uint64_t count = number_of(child, DW_AT_count);
    if (count == 0 && dwarf_attr(&child, DW_AT_upper_bound, &attribute))
      count = number_of(child, DW_AT_upper_bound) + 1;
    type.count = type.count ? type.count * count : count;
    return;
  }
  case DW_TAG_formal_parameter:
    type.parameters.push_back(type_of(child));
    return;
  case DW_TAG_subprogram:
    if (dwarf_hasattr(&child, DW_AT_vtable_elem_location)) {
      uint64_t slot = 0;
      Dwarf_Op *ops = nullptr;
      size_t count = 0;
      if (dwarf_attr(&child, DW_AT_vtable_elem_location, &attribute) &&
          dwarf_getlocation(&attribute, &ops, &count) == 0 && count > 0)
        slot = ops[0].number;
      type.virtual_functions.push_back({linkage_name(child), slot});
    }
    return;
  default:
    walk(child, scope, nullptr);
  }
}

void UnitReader::read_type(Dwarf_Die &die, TypeKind kind, const std::string &scope) {
  TypeId id = id_at(die);
  Type type;
  type.kind = kind;
  std::string name = name_of(die);
  if (!name.empty())
    type.name = kind == TypeKind::base ? name : scope + name;
  type.size = number_of(die, DW_AT_byte_size);
  if (kind == TypeKind::pointer || kind == TypeKind::reference)
    type.size = number_of(die, DW_AT_byte_size, 8);
  type.encoding = static_cast<uint8_t>(number_of(die, DW_AT_encoding));
  type.declaration = flag_of(die, DW_AT_declaration);
  type.constant = dwarf_tag(&die) == DW_TAG_const_type;
  type.target = type_of(die);
  type.file = file_of(die);
  type.line = line_of(die);
  std::string inside = inner_scope(scope, name, "(anonymous)");
  bool in_class = kind == TypeKind::structure || kind == TypeKind::class_ ||
                  kind == TypeKind::union_ || kind == TypeKind::enumeration ||
                  kind == TypeKind::array || kind == TypeKind::function;
  if (in_class)
    each_child(die, [&](Dwarf_Die &child) { read_child_of_type(child, type, inside); });
  unit_.types[id] = std::move(type);
}

// A declaration becomes an alias of the definition, where there is one.
void UnitReader::resolve_declarations() {
  std::map<std::string, TypeId> definitions;
  for (TypeId id = 1; id < unit_.types.size(); id++)
    if (const Type &type = unit_.types[id];
        (type.aggregate() || type.kind == TypeKind::enumeration) && !type.declaration &&
        !type.name.empty())
      definitions.try_emplace(full_name(unit_, id), id);
  for (TypeId id = 1; id < unit_.types.size(); id++) {
    Type &type = unit_.types[id];
    if (!type.declaration || type.name.empty())
      continue;
    auto found = definitions.find(full_name(unit_, id));
    if (found == definitions.end())
      continue;
    type.kind = TypeKind::qualifier;
    type.target = found->second;
  }
}

void UnitReader::name_anonymous() {
  for (TypeId id = 1; id < unit_.types.size(); id++) {
    const Type &type = unit_.types[id];
    if (type.kind != TypeKind::alias)
      continue;
    Type &target = unit_.types[type.target];
    bool named = target.aggregate() || target.kind == TypeKind::enumeration;
    if (named && target.name.empty() && target.owner == kVoidType)
      target.owner = id;
  }
}

std::string no_types(Dwarf_Die &root, const DebugUnit &unit) {
  if (dwarf_hasattr(&root, DW_AT_dwo_name) || dwarf_hasattr(&root, DW_AT_GNU_dwo_name))
    return "its debug information is in another file (-gsplit-dwarf)";
  bool typed = std::any_of(unit.types.begin() + 1, unit.types.end(),
                           [](const Type &type) { return type.kind != TypeKind::none; });
  if (!typed && !unit.functions.empty()) {
    for (const DebugFunction &function : unit.functions)
      if (function.result || !function.parameters.empty())
        return "";
    return "its debug information has no types (-g1)";
  }
  return "";
}

} // namespace

std::string visit_units(const std::string &path, const std::function<void(DebugUnit &&)> &visit) {
  DebugFile file(path);
  if (!file.dwarf())
    return "no debug information";
  Dwarf_CU *cu = nullptr;
  bool any = false;
  bool type_units = false;
  uint8_t unit_kind = 0;
  Dwarf_Die root;
  while (dwarf_get_units(file.dwarf(), cu, &cu, nullptr, &unit_kind, &root, nullptr) == 0) {
    int tag = dwarf_tag(&root);
    type_units |= tag == DW_TAG_type_unit;
    if (tag != DW_TAG_compile_unit && tag != DW_TAG_skeleton_unit)
      continue;
    // Assembly files have no types.
    if (uint64_t language = number_of(root, DW_AT_language); language == DW_LANG_Mips_Assembler)
      continue;
    any = true;
    DebugUnit unit = UnitReader(root).read();
    unit.why_not = no_types(root, unit);
    visit(std::move(unit));
  }
  if (type_units)
    return "types are in units of their own (-fdebug-types-section)";
  return any ? "" : "no debug information";
}

} // namespace care
