// SPDX-License-Identifier: GPL-2.0-or-later
//
// The DWARF of one ELF file through libdwfl, which applies the relocations of object
// files before anything is read. Nothing is looked for elsewhere: no debuginfod, no
// .gnu_debuglink.
#pragma once

#include <memory>
#include <string>

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

namespace care {

class DebugFile {
 public:
  // Throws Error (bad_input) when libdw cannot open it.
  explicit DebugFile(const std::string &path);

  // Null when there is no debug information.
  Dwarf *dwarf() const { return dwarf_; }

 private:
  struct End {
    void operator()(Dwfl *dwfl) const { dwfl_end(dwfl); }
  };
  std::unique_ptr<Dwfl, End> dwfl_;
  Dwarf *dwarf_ = nullptr; // belongs to dwfl_
};

} // namespace care
