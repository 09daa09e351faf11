// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/apply/saved_errno.h"

#include <optional>

#include "lib/apply/symbol_table.h"
#include "lib/base/error.h"
#include "lib/base/log.h"

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

SavedErrno::SavedErrno(const Target &target, InjectedCalls &calls, RemoteAddr errno_location)
    : target_(target) {
  if (!errno_location)
    return;
  at_ = RemoteAddr(calls.call(errno_location, {}));
  value_ = target.memory().read_bytes(at_, sizeof(int));
}

SavedErrno::~SavedErrno() {
  try {
    if (at_)
      target_.memory().write(at_, value_);
  } catch (const Error &e) {
    log_debug("cannot put errno back: {}", e.message());
  }
}

} // namespace care
