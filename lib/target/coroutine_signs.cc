// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/target/coroutine_signs.h"

#include <algorithm>

#include <fmt/format.h>

#include "lib/resolve/symbol_table.h"

namespace care {

namespace {

// glibc, boost.context, libco, libcoro.
constexpr const char *kSwitches[] = {"swapcontext",   "makecontext",    "setcontext",
                                     "jump_fcontext", "ontop_fcontext", "make_fcontext",
                                     "co_switch",     "coro_transfer"};
// Whose own switch has no name that is seen.
constexpr const char *kLibraries[] = {"libboost_context", "libboost_fiber", "libboost_coroutine",
                                      "libruby",          "libco.",         "libcoro.",
                                      "libpth."};
constexpr const char *kLongJumps[] = {"longjmp", "_longjmp", "siglongjmp", "__longjmp_chk"};

} // namespace

CoroutineSigns coroutine_signs(Target &target) {
  CoroutineSigns signs;
  for (const LoadedObject &object : target.objects()) {
    SymbolTable table(object, target.cache());
    bool c_library = false;
    for (const char *name : kLongJumps) {
      std::optional<Elf64_Sym> symbol = table.find(name, "");
      if (symbol && symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC) {
        signs.long_jumps.insert(object.bias + LinkAddr(symbol->st_value));
        c_library = true;
      }
    }
    if (c_library) { // it defines what others import
      std::optional<Elf64_Sym> swap = table.find("swapcontext", "");
      if (swap && swap->st_shndx != SHN_UNDEF)
        signs.long_jumps.insert(object.bias + LinkAddr(swap->st_value));
      continue;
    }
    for (const char *name : kSwitches) {
      std::optional<Elf64_Sym> symbol = table.find(name, "");
      if (symbol && symbol->st_shndx != SHN_UNDEF)
        signs.reasons.push_back(fmt::format("{} defines {}", object.name, name));
    }
    bool alternate_stack = false;
    bool jumps = false;
    table.each_import([&](const std::string &name) {
      alternate_stack |= name == "sigaltstack";
      jumps |=
          std::find(std::begin(kLongJumps), std::end(kLongJumps), name) != std::end(kLongJumps);
      if (std::find(std::begin(kSwitches), std::end(kSwitches), name) != std::end(kSwitches))
        signs.reasons.push_back(fmt::format("{} imports {}", object.name, name));
      return true;
    });
    // QEMU's other way: a stack that a signal handler was made on, and jumps to it.
    if (alternate_stack && jumps)
      signs.reasons.push_back(fmt::format("{} imports sigaltstack and siglongjmp", object.name));
    for (const char *library : kLibraries) {
      if (object.name.starts_with(library))
        signs.reasons.push_back(fmt::format("{} is loaded", object.name));
    }
  }
  return signs;
}

} // namespace care
