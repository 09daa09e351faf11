// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/runtime/unwinders.h"

#include <algorithm>
#include <array>

#include "lib/base/log.h"
#include "lib/elf/elf_file.h"
#include "lib/runtime/saved_errno.h"

namespace care {

namespace {

// What every object imports that throws, catches or cleans up, unless its unwinder is
// linked in.
constexpr std::array kExceptionFunctions = {
    "_Unwind_Resume", "_Unwind_RaiseException", "__gxx_personality_v0", "__cxa_begin_catch",
    "__cxa_throw",    "__gcc_personality_v0",
};

// Functions of the C library that load libgcc_s.so.1 when they are called first.
constexpr std::array kForcedUnwinds = {"pthread_cancel", "pthread_exit", "backtrace", "thrd_exit"};

std::optional<RemoteAddr> definition(const SymbolTable &table, const char *name) {
  std::optional<Elf64_Sym> symbol = table.find(name, "");
  if (!symbol || symbol->st_shndx == SHN_UNDEF)
    return std::nullopt;
  return table.object().bias + LinkAddr(symbol->st_value);
}

std::optional<Unwinder> unwinder_of(const LoadedObject &object, CachedMemory &memory) {
  SymbolTable table(object, memory);
  auto pair = [&](UnwinderKind kind, const char *add,
                  const char *remove) -> std::optional<Unwinder> {
    std::optional<RemoteAddr> a = definition(table, add);
    std::optional<RemoteAddr> r = definition(table, remove);
    if (!a || !r)
      return std::nullopt;
    return Unwinder{object.name, object.header, kind, *a, *r};
  };
  std::optional<Unwinder> found = pair(UnwinderKind::llvm, "__unw_add_dynamic_eh_frame_section",
                                       "__unw_remove_dynamic_eh_frame_section");
  // An old LLVM has the other functions, and they do nothing.
  bool llvm = definition(table, "__unw_add_dynamic_fde").has_value();
  if (!found && !llvm && definition(table, "_Unwind_Find_FDE"))
    found = pair(UnwinderKind::gcc, "__register_frame_info", "__deregister_frame_info");
  return found;
}

bool has_section(const PatchFile &patch, const char *name) {
  return std::any_of(patch.sections.begin(), patch.sections.end(),
                     [&](const ImageSection &s) { return s.name == name && s.size != 0; });
}

bool patch_imports(const PatchFile &patch, const char *name) {
  return std::any_of(patch.imports.begin(), patch.imports.end(),
                     [&](const PatchImport &i) { return i.name == name; });
}

// Does `object`, or its patch, take its exceptions from another object?
bool uses_shared_unwinder(const LoadedObject &object, const PatchFile &patch,
                          CachedMemory &memory) {
  SymbolTable table(object, memory);
  return std::any_of(kExceptionFunctions.begin(), kExceptionFunctions.end(), [&](const char *name) {
    return table.imports(name) || patch_imports(patch, name);
  });
}

std::string map_file(const Target &target, const LoadedObject &object) {
  // The kernel's own link to the mapped file: right even when it is deleted.
  const Mapping *mapping = find_mapping(target.map(), object.header);
  if (!mapping)
    return {};
  return fmt::format("/proc/{}/map_files/{:x}-{:x}", target.process().tid(),
                     mapping->range.begin.value, mapping->range.end.value);
}

} // namespace

std::vector<Unwinder> find_unwinders(const std::vector<LoadedObject> &objects,
                                     CachedMemory &memory) {
  std::vector<Unwinder> unwinders;
  for (const LoadedObject &object : objects) {
    if (std::optional<Unwinder> found = unwinder_of(object, memory))
      unwinders.push_back(std::move(*found));
  }
  return unwinders;
}

std::optional<Unwinder> find_linked_in_unwinder(const Target &target, const LoadedObject &object) {
  std::string path = map_file(target, object);
  if (path.empty())
    return std::nullopt;
  try {
    ElfFile file(path);
    const ElfSection *table = file.find(".symtab");
    if (!table || file.build_id() != object.build_id)
      return std::nullopt;
    Unwinder unwinder{object.name, object.header, UnwinderKind::gcc, {}, {}};
    for (const ElfSymbol &symbol : file.symbols(*table)) {
      if (symbol.defined() && symbol.name == "__register_frame_info")
        unwinder.add = object.bias + symbol.value;
      if (symbol.defined() && symbol.name == "__deregister_frame_info")
        unwinder.remove = object.bias + symbol.value;
    }
    if (unwinder.add && unwinder.remove)
      return unwinder;
  } catch (const Error &e) {
    log_debug("{}: {}", path, e.message());
  }
  return std::nullopt;
}

FramePlan plan_frames(const Target &target, const LoadedObject &object, const PatchFile &patch,
                      const ImportScope &scope, CachedMemory &memory,
                      std::vector<std::string> &warnings) {
  FramePlan plan;
  if (!has_section(patch, ".eh_frame"))
    return plan;
  bool catches = has_section(patch, ".kpatch.except_table");
  std::vector<Unwinder> unwinders = find_unwinders(target.objects(), memory);
  auto cannot = [&](const std::string &why, const std::string &hint) {
    if (catches)
      throw error(ExitCode::unsupported,
                  "the patched code catches exceptions or cleans up behind them, but {}", why)
          .with_hint(hint);
    warnings.push_back(why + ": an exception that passes through a patched function ends the "
                             "process");
  };
  if (uses_shared_unwinder(object, patch, memory)) {
    // A function of the unwinder that no other object interposes, as sanitizers do
    // with _Unwind_RaiseException.
    ResolvedImport first = scope.resolve({"_Unwind_GetIP", "", ImportKind::function, true});
    const LoadedObject *owner = find_object(target.objects(), RemoteAddr(first.value));
    bool known = owner && std::any_of(unwinders.begin(), unwinders.end(), [&](const Unwinder &u) {
                   return u.object_header == owner->header;
                 });
    if (owner && !known)
      cannot(fmt::format("the unwinder in {} takes no new frames", owner->name),
             "restart the process with libgcc_s.so.1 in front of it");
    else if (!owner && catches)
      cannot("no unwinder is loaded", "restart the process instead");
  } else if (std::optional<Unwinder> linked_in = find_linked_in_unwinder(target, object)) {
    if (errno_function(target))
      plan.linked_in.push_back(std::move(*linked_in));
    else
      cannot("library functions cannot be called in a static program",
             "link it dynamically, or restart it instead");
  } else if (catches) {
    cannot(fmt::format("the unwinder is linked into {} and cannot be found without a symbol table",
                       object.name),
           "link with -shared-libgcc, or do not strip the program");
  }
  if (unwinders.empty() && plan.linked_in.empty())
    plan.load_libgcc = std::any_of(kForcedUnwinds.begin(), kForcedUnwinds.end(), [&](auto *name) {
      return scope.importer_of(name) || patch_imports(patch, name);
    });
  plan.needed = !unwinders.empty() || !plan.linked_in.empty() || plan.load_libgcc;
  return plan;
}

} // namespace care
