// SPDX-License-Identifier: GPL-2.0-or-later
//
// A folder with the partitions of one link: 0.s, 1.s, 2.s and so on.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "kpatch_gensrc/asm/join.h"
#include "lib/base/mapped_file.h"

namespace care::gensrc {

class Partitions {
 public:
  // Maps all files. Throws Error when there is none.
  explicit Partitions(const std::string &folder);

  std::vector<Part> parts() const;
  size_t size() const { return files_.size(); }
  std::string_view text(size_t number) const { return files_[number].text(); }

 private:
  std::vector<std::string> paths_;
  std::deque<MappedFile> files_;
};

// "FOLDER/7.s"
std::string partition_path(const std::string &folder, size_t number);

} // namespace care::gensrc
