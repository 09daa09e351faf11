// SPDX-License-Identifier: GPL-2.0-or-later
//
// Objects that live hold the address of their class's table, suspended coroutines a
// frame laid out by the old code, and the list of what to destroy at exit cannot be
// taken back when the patch is. None of it shows in a comparison of functions.
#include "kpatch_gensrc/verdict/refuse_cxx.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>

#include "lib/base/error.h"

namespace care::gensrc {

namespace {

std::string readable(std::string_view symbol) {
  std::string name(symbol.substr(0, symbol.find('.')));
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(symbol);
}

// Virtual table, VTT, construction table, type information (Itanium C++ ABI, 5.1.4).
bool is_class_table(std::string_view name) {
  return name.starts_with("_ZTV") || name.starts_with("_ZTT") || name.starts_with("_ZTC") ||
         name.starts_with("_ZTI");
}

void refuse_tables(const Unit &original, const Unit &patched, Comparison &comparison) {
  for (AtomId b = 0; b < patched.atoms.size(); b++) {
    if (!is_class_table(patched.name(b)))
      continue;
    AtomId a = original.symbol(patched.atoms[b].name).atom;
    if (a == kNone || comparison.same(a, b))
      continue;
    bool type = patched.name(b).starts_with("_ZTI");
    throw error(ExitCode::unsupported, "{}: the {} changed", patched.where(patched.offset_of(b)),
                readable(patched.name(b)))
        .with_hint(type ? "objects and exceptions that exist keep the old one, by which "
                          "dynamic_cast and catch decide: give the changed class another name"
                        : "objects that exist keep the old one, so a new, removed or newly "
                          "overridden virtual function would not be seen or be called in the "
                          "wrong place: put the change into a function that the table has already");
  }
}

// clang gives each global object a function of its own, which the constructor calls.
void refuse_initialisers(const Unit &patched, const Difference &difference) {
  for (const ChangedFunction &function : difference.changed)
    if (base_name(patched.name(function.patched)).starts_with("__cxx_global_var_init"))
      throw error(ExitCode::unsupported, "{}: the initialiser of a global object changed",
                  patched.where(patched.offset_of(function.patched)))
          .with_hint("it has run when the program started and will not run again");
}

size_t registrations(const Unit &unit, AtomId leader, std::string_view with) {
  size_t count = 0;
  for (AtomId id = leader; id != kNone; id = unit.atoms[id].next_in_group)
    for (uint32_t ref = unit.atoms[id].refs_begin; ref < unit.atoms[id].refs_end; ref++)
      count += unit.names.text(unit.refs[ref]) == with;
  return count;
}

// A destructor that the C++ library is told of outlives the patch that brings it.
void refuse_registrations(const Unit &original, const Unit &patched, const Difference &difference,
                          std::string_view with, std::string_view what, std::string_view hint) {
  auto refuse = [&](AtomId function) {
    std::string_view name = patched.name(function);
    if (name.starts_with("_GLOBAL__") || name.starts_with("__cxx_global_var_init") ||
        name.find("__static_initialization_and_destruction_0") != name.npos)
      return; // runs when the program starts: a constructor, refused as such
    throw error(ExitCode::unsupported, "{}: {} has a new {} object with a destructor",
                patched.where(patched.offset_of(function)), readable(name), what)
        .with_hint(std::string(hint));
  };
  for (const ChangedFunction &function : difference.changed)
    if (registrations(patched, function.patched, with) >
        registrations(original, function.original, with))
      refuse(function.patched);
  for (AtomId function : difference.added_functions)
    if (registrations(patched, function, with) != 0)
      refuse(function);
}

void refuse_destructors(const Unit &original, const Unit &patched, const Difference &difference) {
  refuse_registrations(original, patched, difference, "__cxa_atexit", "static",
                       "it would be destroyed at exit even if the patch, and the object with it, "
                       "has been taken back: use one that is never destroyed, "
                       "static T &x = *new T");
  refuse_registrations(original, patched, difference, "__cxa_thread_atexit", "thread-local",
                       "threads would call it after the patch is undone: use a pointer, or a type "
                       "without a destructor");
}

// gcc calls the body of a coroutine f F.actor and F.destroy, where F stands for its frame,
// clang f.resume, f.destroy and f.cleanup. Parts of them (.part, .isra) count too.
bool is_coroutine_body(std::string_view name) {
  constexpr std::array<std::string_view, 4> kParts = {".actor", ".resume", ".destroy", ".cleanup"};
  return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) {
    size_t at = name.find(part);
    return at != name.npos && (at + part.size() == name.size() || name[at + part.size()] == '.');
  });
}

// The function that was written. gcc's F is a type `_Z1fi.Frame` inside the function, and
// a mangled name has the length of each name in front of it: _Z1fPZ1fiE11_Z1fi.Frame.actor.
std::string coroutine_name(std::string_view body) {
  size_t frame = body.find(".Frame.");
  if (frame == body.npos)
    return readable(body);
  size_t end = frame + std::string_view(".Frame").size();
  for (size_t at = body.find("_Z"); at < frame; at = body.find("_Z", at + 1))
    if (body.substr(0, at).ends_with(std::to_string(end - at)))
      return readable(body.substr(at, frame - at));
  return readable(body);
}

void refuse_coroutines(const Unit &patched, const Difference &difference) {
  for (const ChangedFunction &function : difference.changed) {
    std::string_view name = patched.name(function.patched);
    if (!is_coroutine_body(name))
      continue;
    throw error(ExitCode::unsupported, "{}: the coroutine {} changed",
                patched.where(patched.offset_of(function.patched)), coroutine_name(name))
        .with_hint("calls of it that are suspended have a frame laid out by the old code, which "
                   "new code may not read: put the change into a function that it calls");
  }
}

} // namespace

void refuse_cxx(const Unit &original, const Unit &patched, Comparison &comparison,
                const Difference &difference) {
  refuse_tables(original, patched, comparison);
  refuse_initialisers(patched, difference);
  refuse_destructors(original, patched, difference);
  refuse_coroutines(patched, difference);
}

} // namespace care::gensrc
