// SPDX-License-Identifier: GPL-2.0-or-later
//
// A path of the build in both trees: where it leads now, and where it led in the original
// build, whose tree has been moved aside since.
//
// Another prefix alone is not enough, because of symbolic links. A package may build in a
// folder of links to its sources (dnsmasq: debian/auto-build/dnsmasq-base/cache.c), and
// these hold absolute paths. Followed from the original tree, they end in the tree that is
// built now, and every changed source would be compared with itself.
#pragma once

#include <string>

namespace care::cc {

class BothTrees {
 public:
  // `tree`: the path at which both were built; `original`: where the original's is now.
  BothTrees(std::string tree, std::string original);

  // The file or folder itself, behind all links; "" when there is none.
  std::string now(const std::string &path) const;
  std::string then(const std::string &path) const; // below `original`, or outside of both

  bool in_tree(const std::string &path) const;

 private:
  std::string follow(const std::string &path, bool original) const;
  std::string place(const std::string &path, bool original) const;

  std::string tree_, original_;
};

} // namespace care::cc
