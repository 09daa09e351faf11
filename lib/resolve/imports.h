// SPDX-License-Identifier: GPL-2.0-or-later
//
// Imports of a patch, resolved as the target's dynamic linker would have done.
//
// What the object's own table of addresses holds for a name (GLOB_DAT, filled in before
// the program ran) is the answer: whatever led to it, interposed, weak and found by
// nobody, unique, indirect, is settled there. Other names are looked up in the object's
// scope (lib/process/link_scope.h), in which the program comes first: its COPY
// relocations and its PLT entries that stand for function addresses win, as they do for
// everybody else, so that pointers compare equal across the patch.
//
// An indirect function (STT_GNU_IFUNC) has the value that the target itself uses: what a
// slot of that function was resolved to. Only when the target uses it nowhere has the
// resolver to be called, in the target. Of a unique symbol (STB_GNU_UNIQUE) its
// namespace has one, in whatever object; slots of others tell which.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/patchfile/patch_file.h"
#include "lib/resolve/link_scope.h"
#include "lib/resolve/symbol_table.h"

namespace care {

struct ResolvedImport {
  uint64_t value = 0;
  // Set: `value` is still open, it is what this resolver returns.
  std::optional<RemoteAddr> resolver;
  std::string object; // that defines it; empty for a weak import that no object defines
  // Of a thread-local variable: the object that defines it. `value` is its offset
  // in that object's block.
  const LoadedObject *thread_local_in = nullptr;
};

class ImportScope {
 public:
  // The scope of `object`, one of `objects`.
  ImportScope(const Process &process, const std::vector<LoadedObject> &objects,
              const LoadedObject &object, CachedMemory &memory);

  // Throws Error does_not_fit when no object defines it and it is not weak, or one is
  // thread-local and the other is not.
  ResolvedImport resolve(const PatchImport &import) const;

  // An object that imports `name`, or null.
  const LoadedObject *importer_of(const std::string &name) const;

 private:
  void read_own_slots();
  std::optional<ResolvedImport> own_slot(const PatchImport &import) const;
  std::string out_of_scope(const PatchImport &import) const;
  ResolvedImport resolve_unique(const PatchImport &import, const SymbolTable &definer,
                                const Elf64_Sym &symbol) const;
  ResolvedImport resolve_indirect(const PatchImport &import, const SymbolTable &definer,
                                  const Elf64_Sym &symbol) const;
  std::optional<uint64_t> irelative_slot(const SymbolTable &definer, uint64_t resolver) const;
  std::optional<uint64_t> bound_slot(const PatchImport &import, const LoadedObject &definer) const;

  std::vector<SymbolTable> all_; // of the whole process
  std::vector<size_t> order_;    // of them, those that are searched, in order
  std::vector<size_t> space_;    // of them, those of the object's namespace
  size_t own_ = 0;
  std::multimap<std::string, Elf64_Rela> own_slots_; // GLOB_DAT, by name
  CachedMemory &memory_;
};

} // namespace care
