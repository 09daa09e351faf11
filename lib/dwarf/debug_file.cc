// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/dwarf/debug_file.h"

#include "lib/base/error.h"

namespace care {

namespace {

int no_separate_file(Dwfl_Module *, void **, const char *, Dwarf_Addr, const char *, const char *,
                     GElf_Word, char **) {
  return -1;
}

const Dwfl_Callbacks kCallbacks = {dwfl_build_id_find_elf, no_separate_file,
                                   dwfl_offline_section_address, nullptr};

} // namespace

DebugFile::DebugFile(const std::string &path) : dwfl_(dwfl_begin(&kCallbacks)) {
  if (!dwfl_)
    throw error("libdw: {}", dwfl_errmsg(-1));
  dwfl_report_begin(dwfl_.get());
  Dwfl_Module *module = dwfl_report_offline(dwfl_.get(), path.c_str(), path.c_str(), -1);
  if (!module)
    throw error(ExitCode::bad_input, "{}: {}", path, dwfl_errmsg(-1));
  dwfl_report_end(dwfl_.get(), nullptr, nullptr);
  Dwarf_Addr bias = 0;
  dwarf_ = dwfl_module_getdwarf(module, &bias);
}

} // namespace care
