// SPDX-License-Identifier: GPL-2.0-or-later
//
// What makes other tools name the new functions.
//
// gdb takes a .kpatch file as it is, symbols, unwind tables and all, at the address of the
// image. It is given as a command and not by gdb's JIT interface: that needs a symbol and
// a descriptor inside the program, which no ordinary program has, and a breakpoint in it.
// perf has its own files, see perf_map.h.
#include <algorithm>
#include <filesystem>

#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/patchfile/bundle.h"
#include "lib/target/core_patches.h"
#include "lib/target/target.h"
#include "libcare-ctl/info.h"
#include "libcare-ctl/perf_map.h"

namespace care::ctl {

namespace {

std::vector<Region> regions_to_name(const InfoOptions &options) {
  if (!options.core.empty())
    return find_regions(CoreFile(options.core));
  PidSelection selection = select_pids(options.pids);
  if (selection.pids.size() != 1)
    throw error(ExitCode::usage, "info --gdb: one process at a time");
  return Target(selection.pids.front()).regions();
}

const BundlePatch *patch_of(const Region &region, const Bundle &bundle) {
  auto it = std::find_if(bundle.begin(), bundle.end(),
                         [&](const BundlePatch &p) { return p.digest == region.digest; });
  return it == bundle.end() ? nullptr : &*it;
}

// gdb's commands take words as a shell does.
std::string quoted(const std::string &path) {
  std::string text = "'";
  for (char c : path)
    text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

// All functions when the .kpatch file is at hand, those that replace another otherwise.
void append_functions(const Region &region, const BundlePatch *patch,
                      std::vector<NamedCode> &functions) {
  if (patch) {
    for (const PatchSymbol &s : patch->file.symbols) {
      RemoteAddr begin = region.image() + s.offset;
      if (s.function && s.size != 0)
        functions.push_back({{begin, begin + s.size}, s.name});
    }
    return;
  }
  for (const Hunk &h : region.hunks) {
    functions.push_back({h.replacement, h.name + ".kpatch"});
    if (!h.replacement_cold.empty())
      functions.push_back({h.replacement_cold, h.name + ".kpatch.cold"});
  }
}

} // namespace

ExitCode show_gdb_commands(const InfoOptions &options) {
  if (options.bundle.empty())
    throw error(ExitCode::usage, "info --gdb: the bundle that was applied is required");
  Bundle bundle = read_bundle({options.bundle});
  bool any = false;
  for (const Region &region : regions_to_name(options)) {
    const BundlePatch *patch = patch_of(region, bundle);
    if (!patch) {
      log_warning("{}: its patch at {} (level {}) is not in the bundle", region.object_name,
                  region.self, region.level);
      continue;
    }
    print_out("add-symbol-file {} -o {}\n",
              quoted(std::filesystem::absolute(patch->file.path).string()), region.image());
    any = true;
  }
  return any ? ExitCode::ok : ExitCode::nothing_to_do;
}

ExitCode write_perf_maps(const InfoOptions &options) {
  Bundle bundle = options.bundle.empty() ? Bundle() : read_bundle({options.bundle});
  PidSelection selection = select_pids(options.pids);
  ExitCode code = ExitCode::nothing_to_do;
  for (pid_t pid : selection.pids) {
    try {
      Target target(pid);
      std::vector<NamedCode> functions;
      for (const Region &region : target.regions())
        append_functions(region, patch_of(region, bundle), functions);
      if (functions.empty())
        continue;
      print_out("{}\n", write_perf_map(target.process(), functions));
      code = code == ExitCode::nothing_to_do ? ExitCode::ok : code;
    } catch (const std::exception &e) {
      if (!selection.all)
        throw;
      log_warning("{}", as_error(e).message());
    }
  }
  return code;
}

} // namespace care::ctl
