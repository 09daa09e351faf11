// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/asm/partitions.h"

#include <filesystem>

#include "lib/base/error.h"

namespace care::gensrc {

std::string partition_path(const std::string &folder, size_t number) {
  return fmt::format("{}/{}.s", folder, number);
}

Partitions::Partitions(const std::string &folder) {
  for (size_t number = 0; std::filesystem::exists(partition_path(folder, number)); number++) {
    paths_.push_back(partition_path(folder, number));
    files_.emplace_back(paths_.back());
  }
  if (files_.empty())
    throw error(ExitCode::bad_input, "{}: no 0.s in this folder", folder)
        .with_hint("a folder holds the partitions of one link: 0.s, 1.s and so on");
}

std::vector<Part> Partitions::parts() const {
  std::vector<Part> parts;
  for (size_t i = 0; i < paths_.size(); i++)
    parts.push_back({paths_[i], files_[i].text()});
  return parts;
}

} // namespace care::gensrc
