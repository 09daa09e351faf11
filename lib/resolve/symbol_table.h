// SPDX-License-Identifier: GPL-2.0-or-later
//
// The dynamic symbols of a loaded object, read from the target's memory: the
// tables that its dynamic linker itself searches. No file, no section headers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <elf.h>

#include "lib/base/address.h"
#include "lib/elf/version_chain.h"
#include "lib/process/memory.h"
#include "lib/process/objects.h"

namespace care {

class SymbolTable {
 public:
  // An object without PT_DYNAMIC has an empty one. `object` and `memory` outlive it.
  SymbolTable(const LoadedObject &object, CachedMemory &memory);

  // The definition of `name` that ld.so would take from this object. `version`
  // empty: the default or unversioned one. A definition is also an undefined symbol
  // with a value: the PLT entry that stands for a function's address in a program
  // linked for a fixed address.
  std::optional<Elf64_Sym> find(const std::string &name, const std::string &version) const;

  // Does the object itself ask for `name`?
  bool imports(const std::string &name) const;
  // Names that it asks for. Ends when `visit` returns false.
  void each_import(const std::function<bool(const std::string &)> &visit) const;

  // Every RELA of the object: its dynamic ones, then those of its PLT. Ends when
  // `visit` returns false.
  void each_relocation(const std::function<bool(const Elf64_Rela &)> &visit) const;
  // Name of the symbol that a relocation refers to; empty for none.
  std::string symbol_name(uint64_t index) const;
  // The version that it asks for or, of a definition, has; empty for none.
  std::string symbol_version(uint64_t index) const;

  const LoadedObject &object() const { return object_; }

 private:
  std::optional<uint32_t> find_gnu(const std::string &name, const std::string &version) const;
  std::optional<uint32_t> find_sysv(const std::string &name, const std::string &version) const;
  bool matches(uint32_t index, const std::string &name, const std::string &version) const;
  bool version_matches(uint32_t index, const std::string &version) const;
  std::string defined_version(uint16_t number) const;
  std::string needed_version(uint16_t number) const;
  using VersionWalk = void (*)(ByteSource &, uint64_t, uint64_t, const VersionVisit &);
  std::string version_name(VersionWalk walk, RemoteAddr chain, uint64_t count,
                           uint16_t number) const;
  Elf64_Sym symbol(uint32_t index) const;
  RemoteAddr address(uint64_t pointer) const;

  const LoadedObject &object_;
  CachedMemory &memory_;
  RemoteAddr symbols_;
  RemoteAddr strings_;
  RemoteAddr gnu_hash_;
  RemoteAddr sysv_hash_;
  RemoteAddr versions_;    // DT_VERSYM
  RemoteAddr definitions_; // DT_VERDEF
  uint64_t definition_count_ = 0;
  RemoteAddr needs_; // DT_VERNEED
  uint64_t need_count_ = 0;
  RemoteAddr rela_;
  uint64_t rela_size_ = 0;
  RemoteAddr plt_rela_;
  uint64_t plt_rela_size_ = 0;
};

} // namespace care
