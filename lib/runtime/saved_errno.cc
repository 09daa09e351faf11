// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/saved_errno.h"

#include <optional>

#include "lib/resolve/symbol_table.h"

namespace care {

RemoteAddr errno_function(const Target &target) {
  CachedMemory memory(target.memory());
  for (const LoadedObject &object : target.objects()) {
    std::optional<Elf64_Sym> symbol = SymbolTable(object, memory).find("__errno_location", "");
    if (symbol && symbol->st_shndx != SHN_UNDEF)
      return object.bias + LinkAddr(symbol->st_value);
  }
  return {};
}

void keep_errno(InjectedCalls &calls, RemoteAddr errno_location) {
  if (errno_location)
    calls.keep_errno(RemoteAddr(calls.call(errno_location, {})));
}

} // namespace care
