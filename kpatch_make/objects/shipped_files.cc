// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/shipped_files.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"
#include "lib/elf/dynamic.h"
#include "lib/patchfile/patch_file.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// Where programs and libraries of a system are; each once, though /lib is /usr/lib.
constexpr const char *kInstalledFolders[] = {
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/games",
    "/bin",     "/sbin",     "/lib",     "/lib64",     "/usr/local",   "/opt",
};

std::string output_of(const std::vector<std::string> &argv) {
  Command command;
  command.argv = argv;
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw error(ExitCode::bad_input, "{} failed: {}", shell_text(argv), outcome.output);
  std::string text = outcome.output;
  while (text.ends_with('\n'))
    text.pop_back();
  return text;
}

class TargetReader {
 public:
  explicit TargetReader(std::string folder) : folder_(std::move(folder)) {}

  void read(const std::string &wanted) {
    if (fs::is_directory(wanted))
      read_folder(wanted, "", true);
    else if (is_package(wanted))
      read_package(wanted);
    else
      read_file(fs::canonical(wanted), fs::canonical(wanted), "");
  }

  void read_installed(const std::set<std::string> &names) {
    std::set<std::string> seen;
    for (const char *folder : kInstalledFolders) {
      std::error_code none;
      fs::path real = fs::canonical(folder, none);
      if (!none && seen.insert(real).second)
        find_below(real, names);
    }
  }

  std::vector<TargetFile> take() { return std::move(targets_); }

 private:
  template<typename Visit>
  static void for_each_file(const fs::path &folder, Visit visit) {
    std::error_code ignored;
    for (auto it = fs::recursive_directory_iterator(
             folder, fs::directory_options::skip_permission_denied, ignored);
         it != fs::recursive_directory_iterator(); it.increment(ignored)) {
      if (ignored)
        break;
      if (it->is_regular_file(ignored) && !it->is_symlink(ignored))
        visit(it->path());
    }
  }

  void find_below(const fs::path &folder, const std::set<std::string> &names) {
    for_each_file(folder, [&](const fs::path &path) {
      if (names.count(path.filename()) != 0)
        read_file(path, path, "");
    });
  }

  void read_package(const fs::path &package) {
    std::string folder = fmt::format("{}/{}", folder_, packages_++);
    std::string name = unpack_package(package, folder);
    read_folder(folder, name, false);
  }

  void read_folder(const fs::path &folder, const std::string &package, bool with_packages) {
    for_each_file(folder, [&](const fs::path &path) {
      if (with_packages && is_package(path))
        read_package(path);
      else
        read_file(path, "/" + path.lexically_relative(folder).string(), package);
    });
  }

  void read_file(const fs::path &path, const std::string &installed, const std::string &package) {
    if (installed.find("/usr/lib/debug/") != std::string::npos || !ElfFile::is_elf(path))
      return;
    try {
      ElfFile elf(path, Machine::any);
      if (elf.type() == ET_EXEC || elf.type() == ET_DYN)
        targets_.push_back(
            {path, installed, package, hex_text(elf.build_id()), soname_of(elf), elf.foreign()});
    } catch (const Error &e) {
      log_info("no target: {}", e.message()); // a test suite's broken file
    }
  }

  std::string folder_;
  size_t packages_ = 0;
  std::vector<TargetFile> targets_;
};

} // namespace

bool is_package(const fs::path &path) {
  return path.extension() == ".deb" || path.extension() == ".udeb" || path.extension() == ".rpm";
}

std::string unpack_package(const fs::path &package, const std::string &folder) {
  fs::create_directories(folder);
  if (package.extension() != ".rpm") {
    output_of({"dpkg-deb", "-x", package, folder});
    return output_of({"dpkg-deb", "-f", package, "Package"});
  }
  // cpio: rpm2archive is not in every rpm.
  output_of({"sh", "-c",
             "rpm2cpio \"$1\" | (cd \"$2\" && cpio -idm --quiet --no-absolute-filenames)", "sh",
             package, folder});
  return output_of(
      {"rpm", "-qp", "--nosignature", "--dbpath", folder + ".db", "--qf", "%{NAME}", package});
}

void check_target_names(const std::vector<std::string> &wanted) {
  for (const std::string &name : wanted)
    if (name != kInstalledTarget && !fs::exists(name))
      throw error(ExitCode::usage, "--target: {}: no such package, folder or file", name)
          .with_hint("--target FILE.deb, FILE.rpm, DIR, FILE, `installed` or, of "
                     "kpatch_make deb, `archive`");
}

std::vector<TargetFile> read_targets(const std::vector<std::string> &wanted,
                                     const std::set<std::string> &names,
                                     const std::string &folder) {
  TargetReader reader(folder);
  for (const std::string &name : wanted)
    if (name == kInstalledTarget)
      reader.read_installed(names);
    else
      reader.read(name);
  return reader.take();
}

} // namespace care::make
