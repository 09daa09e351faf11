// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the two builds take place: never in the user's tree.
//
// Both builds must see the same absolute path, since it ends up in debug
// information, in __FILE__, in configure's output. So each works on a copy of
// the tree that is mounted over the original path, in a mount namespace of its
// own: no other process sees it, and when the build is gone so is the mount. As root
// that takes unshare(CLONE_NEWNS); anyone else needs a user namespace around it.
//
// Where neither is allowed (some containers) the copy and the tree change
// places for the duration of the build, in one rename. The guardian changes
// them back if we cannot.
#pragma once

#include <string>

#include "kpatch_make/guardian.h"

namespace care::make {

enum class Isolation { mount_namespace, user_namespace, exchange };

// Tries it out in a child process.
Isolation find_isolation(const std::string &tree);

// To be called in the child that becomes the build: mounts `copy` over `tree`, which need
// not exist outside (added_folder.h). Our own root folder may be another one afterwards.
// Throws Error. Not for Isolation::exchange.
void enter_view(Isolation isolation, const std::string &copy, const std::string &tree);

// The folders of one run; all of them go with the guardian.
class WorkArea {
 public:
  WorkArea(const Guardian &guardian, const std::string &tree, Isolation isolation);

  const std::string &folder() const { return folder_; }
  std::string store() const { return folder_ + "/store"; }
  std::string links() const { return folder_ + "/bin"; }
  std::string log(const std::string &stage) const { return folder_ + "/" + stage + ".log"; }
  // The copy of the tree that `stage` builds in.
  std::string tree(const std::string &stage) const { return trees_ + "/" + stage; }

 private:
  std::string folder_;
  std::string trees_; // beside the user's tree for Isolation::exchange
};

// Copies a folder with everything in it, sharing blocks where possible.
void copy_tree(const std::string &from, const std::string &to);

} // namespace care::make
