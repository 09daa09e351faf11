// SPDX-License-Identifier: GPL-2.0-or-later
//
// Imports of a patch, resolved as the target's dynamic linker would have done.
//
// The chain of link maps is searched in order, beginning with the main program:
// its COPY relocations and its PLT entries that stand for function addresses win,
// as they do for everybody else, so that pointers compare equal across the patch.
//
// An indirect function (STT_GNU_IFUNC) has the value that the target itself uses:
// what its own slot of that function was resolved to. Only when the target uses it
// nowhere has the resolver to be called, in the target.
//
// Not considered: RTLD_LOCAL scopes. An object that somebody else dlopened
// privately counts like any other of the chain, after those before it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/apply/symbol_table.h"
#include "lib/patchfile/patch_file.h"
#include "lib/process/link_map.h"

namespace care {

struct ResolvedImport {
  uint64_t value = 0;
  // Set: `value` is still open, it is what this resolver returns.
  std::optional<RemoteAddr> resolver;
  std::string object; // that defines it; empty for a weak import nobody defines
  // Of a thread-local variable: the object that defines it. `value` is its offset
  // in that object's block.
  const LoadedObject *thread_local_in = nullptr;
};

class ImportScope {
 public:
  // The scope of `object`: the chain that it is in, else the first one.
  ImportScope(const std::vector<LoadedObject> &objects, const std::vector<LinkChain> &chains,
              const LoadedObject &object, CachedMemory &memory);

  // Throws Error does_not_fit when nobody defines it and it is not weak, or one is
  // thread-local and the other is not.
  ResolvedImport resolve(const PatchImport &import) const;

  // An object that imports `name`, or null.
  const LoadedObject *importer_of(const std::string &name) const;

 private:
  ResolvedImport resolve_indirect(const PatchImport &import, const SymbolTable &definer,
                                  const Elf64_Sym &symbol) const;
  std::optional<uint64_t> irelative_slot(const SymbolTable &definer, uint64_t resolver) const;
  std::optional<uint64_t> bound_slot(const PatchImport &import, const LoadedObject &definer) const;

  std::vector<SymbolTable> tables_; // in look-up order
  CachedMemory &memory_;
};

} // namespace care
