// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which of the fixes that were asked for the spec has applied already. Such a fix is
// taken out of the original instead of being put into the patched source: the package
// with all of its patches is what runs in the end.
#pragma once

#include <string>
#include <vector>

namespace care::make {

struct SpecFixes {
  std::vector<std::string> of_spec; // paths, in the order in which %prep applies them
  std::vector<std::string> files;   // paths, in the order given

  std::vector<std::string> all() const;
};

// `fixes` as the user gave them; `sources` holds the spec's patches: those that %prep
// applies, in its order (`applied`), among all that it lists (`listed`). A file of the
// same name with other content is a file. Throws Error for what is neither, and for a
// patch that the spec lists and does not apply.
SpecFixes sort_fixes(const std::vector<std::string> &fixes, const std::string &sources,
                     const std::vector<std::string> &applied,
                     const std::vector<std::string> &listed);

} // namespace care::make
