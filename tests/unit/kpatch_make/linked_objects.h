// SPDX-License-Identifier: GPL-2.0-or-later
//
// Small linked objects, and records of links as kpatch_cc writes them.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"

namespace care::make {

// Links a shared object of this assembly text. Its build-id is `build_id` (hexadecimal); none
// when it is "".
inline void link_object(const std::string &path, const std::string &build_id,
                        const std::string &assembly = "") {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  write_file(path + ".s", assembly + "\n");
  Command command;
  command.argv = {"gcc", "-shared", "-nostdlib", "-o", path, path + ".s"};
  command.argv.push_back(build_id.empty() ? "-Wl,--build-id=none" : "-Wl,--build-id=0x" + build_id);
  command.capture = true;
  Outcome outcome = run(command);
  std::filesystem::remove(path + ".s");
  if (!outcome.ok())
    throw error("{}", outcome.output);
}

// The `number`-th link of a stage: `output` as the build saw it, and a copy of `file`.
inline void record_link(const std::string &links, int number, const std::string &output,
                        const std::string &file) {
  std::filesystem::create_directories(links);
  std::string copy = file.empty() ? "" : fmt::format("{}.elf", number);
  if (!copy.empty())
    std::filesystem::copy_file(file, links + "/" + copy);
  write_file(fmt::format("{}/{}.json", links, number),
             fmt::format(R"({{"output": "{}", "kind": "shared", "copy": "{}", "cwd": "/tree/sub",)"
                         R"( "argv": ["../a.o", "/usr/lib/b.o"]}})",
                         output, copy));
}

} // namespace care::make
