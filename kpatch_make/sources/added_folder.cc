// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/added_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include "kpatch_make/sources/mounts.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// The same thing under another name: a mount for what has content, a copy of a link.
void bring_along(const fs::directory_entry &entry, const fs::path &folder) {
  fs::path to = folder / entry.path().filename();
  if (entry.is_symlink()) {
    fs::copy_symlink(entry.path(), to);
  } else if (entry.is_directory()) {
    fs::create_directory(to);
    bind_mount(entry.path(), to);
  } else {
    Fd place = open_file(to, O_WRONLY | O_CREAT);
    bind_mount(entry.path(), to);
  }
}

// What is already there of the path.
fs::path existing_part(fs::path path) {
  while (!fs::is_directory(path))
    path = path.parent_path();
  return path;
}

void enter(const fs::path &folder, const fs::path &as) {
  if (as != "/") {
    bind_mount(folder, as);
    return;
  }
  if (chroot(folder.c_str()) != 0 || chdir("/") != 0)
    throw system_error(errno, "cannot enter {}", folder.string());
}

} // namespace

void add_folder_to_view(const std::string &path, const std::string &scratch) try {
  fs::path around = existing_part(path);
  fs::create_directories(scratch);
  mount_new("tmpfs", scratch, 0, "mode=755");
  for (const fs::directory_entry &entry : fs::directory_iterator(around))
    bring_along(entry, scratch);
  fs::create_directories(scratch / fs::path(path).lexically_relative(around));
  enter(scratch, around);
} catch (const fs::filesystem_error &e) {
  throw system_error(e.code().value(), "cannot make the folder {} for the build: {}", path,
                     e.path1().string());
}

} // namespace care::make
