// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_cc: stands in for a compiler during the two builds of a fix.
//
// One program has four parts. The name of the call selects one: the compiler driver
// (gcc, clang++, x86_64-linux-gnu-g++-12, ... or kpatch_cc itself), the assembler and
// the linker that the real driver calls, and gcc's lto-wrapper that the linker's plugin
// calls. As a compiler it execs the real one at once. The work is done where the driver
// hands over assembly text (assembler.h) and objects (linker.h).
//
// It runs twice or three times for every file of a build, so it starts no shell. It has
// no option parser: apart from --real= every argument belongs to the tool that it stands
// for.
//
// In a clean root it runs with libraries of its own beside it: see private_tools.h.
#include <string>
#include <string_view>
#include <vector>

#include "kpatch_cc/assembler.h"
#include "kpatch_cc/driver.h"
#include "kpatch_cc/linker.h"
#include "kpatch_cc/lto_wrapper.h"
#include "lib/base/error.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

enum class Role { driver, assembler, linker, lto_wrapper };

// Triplet-prefixed names count too: x86_64-linux-gnu-as.
Role role_of(std::string_view name) {
  std::string_view base = name.substr(name.rfind('/') + 1);
  if (base == "as" || base.ends_with("-as"))
    return Role::assembler;
  if (base == "ld" || base.ends_with("-ld") || base.starts_with("ld.") ||
      base.find("-ld.") != std::string_view::npos)
    return Role::linker;
  if (base == kLtoWrapperName)
    return Role::lto_wrapper;
  return Role::driver;
}

int body(int argc, char **argv) {
  std::string name = argc > 0 ? argv[0] : "kpatch_cc";
  std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  switch (role_of(name)) {
  case Role::assembler:
    return run_assembler(name, arguments);
  case Role::linker:
    return run_linker(name, arguments);
  case Role::lto_wrapper:
    return run_lto_wrapper(arguments);
  case Role::driver:
    break;
  }
  run_driver(name, std::move(arguments));
}

} // namespace

} // namespace care::cc

int main(int argc, char **argv) {
  return care::run_main("kpatch_cc", care::cc::body, argc, argv);
}
