// SPDX-License-Identifier: GPL-2.0-or-later
//
// Calling rpm's programs so that nothing of the user's is read or written: every folder
// of a build is below one that we name, and HOME (~/.rpmmacros, ~/rpmbuild, Debian's
// ~/.rpmdb) is another. The system's macros (/usr/lib/rpm, /etc/rpm) count: they are the
// distribution's way of building.
#pragma once

#include <string>
#include <vector>

#include "kpatch_make/rpm/spec_facts.h"

namespace care::make {

// Throws Error when rpmbuild, rpmspec or rpm is missing, and says how to get it.
void require_rpm_tools();

class RpmTools {
 public:
  // `macros`: the user's --define, --load, ...; `home`: an empty folder of our own.
  RpmTools(std::vector<std::string> macros, std::string home)
      : macros_(std::move(macros)), home_(std::move(home)) {}

  // The arguments that come before others: every folder below `topdir`.
  std::vector<std::string> folders(const std::string &topdir) const;

  // `rpm -E`, one line. "" when the macro is not defined ("%{?NAME}").
  std::string expand(const std::string &text) const;

  // Throws Error (bad_input) with rpm's words when the spec cannot be read.
  SpecFacts facts(const std::string &spec, const std::string &sources) const;
  // The spec with its macros expanded, as if built in `topdir`; its sources are in `sources`.
  std::string expanded(const std::string &spec, const std::string &topdir,
                       const std::string &sources) const;

  // Unpacks a .src.rpm into SPECS and SOURCES below `topdir`.
  void unpack_source(const std::string &package, const std::string &topdir) const;

  // Does rpm know what is installed here? Not on Debian.
  bool knows_system() const;

  // Has dnf install what the spec needs. Throws Error.
  void install_requirements(const std::string &spec, const std::string &sources) const;

 private:
  struct Answer {
    bool ok = false;
    std::string output;
  };
  Answer ask(std::vector<std::string> argv, bool stderr_too = true) const;

  std::vector<std::string> macros_;
  std::string home_;
};

} // namespace care::make
