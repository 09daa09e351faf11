// SPDX-License-Identifier: GPL-2.0-or-later
//
// Other definitions of a name. A global function or variable that a fix moves from one file
// to another is new in the one and gone from the other. If the patch treated it as new,
// there would be two copies: callers in unchanged files would go on with the old code, and
// a variable would exist twice. So it is refused, and the message names both files.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "kpatch_tool/proof/linked_file.h"

namespace care::tool {

class Definitions {
 public:
  // `file`: the instrumented link, which must outlive the object.
  explicit Definitions(const LinkedFile &file);

  // Error (unsupported) when `name`, new and global in `source`, has another definition in
  // the link: in another file, or in a library.
  void require_only(const std::string &name, const std::string &source) const;

 private:
  const LinkedFile &file_;
  std::set<std::string_view> names_; // of global symbols outside of .kpatch sections
};

} // namespace care::tool
