// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/link_record.h"

#include <cerrno>
#include <elf.h>
#include <fcntl.h>
#include <filesystem>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kpatch_cc/linker_line.h"
#include "kpatch_cc/object_key.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/json/json.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

bool is_elf(int fd) {
  char magic[SELFMAG];
  return pread(fd, magic, sizeof magic, 0) == SELFMAG &&
         std::string_view(magic, SELFMAG) == std::string_view(ELFMAG, SELFMAG);
}

// Shares the blocks where the file system can, copies them otherwise.
void copy_file(int from, size_t size, const std::string &path) {
  Fd to = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (ioctl(to.get(), FICLONE, from) == 0)
    return;
  for (off_t done = 0; done < static_cast<off_t>(size);) {
    ssize_t n = sendfile(to.get(), from, &done, size - static_cast<size_t>(done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      throw system_error(errno, "cannot write {}", path);
  }
}

// Records sort by the time of the link: the last one of a path counts.
std::string record_name() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return fmt::format("{:012}{:09}-{}", now.tv_sec, now.tv_nsec, getpid());
}

} // namespace

void record_link(const Store &store, Stage stage, const LinkerLine &line,
                 const std::vector<std::string> &argv) {
  Fd fd(open(line.output.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat st {};
  if (!fd || fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode) || !is_elf(fd.get()))
    return;
  std::string folder = fmt::format("{}/{}/{}", store.folder(), kStoreLinks, stage_name(stage));
  std::filesystem::create_directories(folder);
  std::string name = record_name();
  std::string copy = line.relocatable ? "" : name + ".elf";
  if (!copy.empty())
    copy_file(fd.get(), static_cast<size_t>(st.st_size), folder + "/" + copy);
  Json record;
  record[kLinkOutput] = absolute_path(line.output);
  record[kLinkKind] = line.relocatable ? "relocatable" : line.shared ? "shared" : "executable";
  record[kLinkCopy] = copy;
  record[kLinkArgv] = argv;
  record[kLinkCwd] = std::filesystem::current_path().string();
  // File names are bytes, JSON is UTF-8: what is not becomes a replacement character.
  write_file(folder + "/" + name + ".json", record.sorted_text(1));
}

} // namespace care::cc
