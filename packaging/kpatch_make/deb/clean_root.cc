// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/deb/clean_root.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"
#include "packaging/kpatch_make/compilers.h"
#include "packaging/kpatch_make/deb/apt_sources.h"
#include "packaging/kpatch_make/fixes.h"

namespace care {

namespace fs = std::filesystem;

namespace {

std::string cache_folder() {
  std::string cache = environment("XDG_CACHE_HOME");
  if (cache.empty())
    cache = environment("HOME").empty() ? "/root/.cache" : environment("HOME") + "/.cache";
  cache += "/libcare";
  for (const char *folder : {"/roots", "/layers", "/archives/partial", "/sources"})
    fs::create_directories(cache + folder);
  return fs::canonical(cache);
}

std::string digest(const std::string &text) {
  unsigned char hash[16];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char *>(text.data()),
                     text.size(), nullptr, 0);
  std::string hex(sizeof hash * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), hash, sizeof hash);
  hex.pop_back();
  return hex;
}

// One run at a time fetches packages and adds to the cache; the others wait.
class CacheLock {
 public:
  explicit CacheLock(const std::string &cache) : fd_(open_file(cache + "/lock", O_RDWR | O_CREAT)) {
    if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0)
      return;
    fmt::print(stderr, "kpatch_make: waiting for another run that fetches packages\n");
    while (flock(fd_.get(), LOCK_EX) != 0)
      if (errno != EINTR)
        throw system_error(errno, "cannot lock {}/lock", cache);
  }

 private:
  Fd fd_;
};

// A folder that is filled under another name and appears complete or not at all.
class Growing {
 public:
  Growing(std::string final, const Guardian &guardian) : final_(std::move(final)) {
    path_ = final_ + ".XXXXXX";
    if (mkdtemp(path_.data()) == nullptr)
      throw system_error(errno, "cannot create {}", path_);
    guardian.remove(path_);
    chmod(path_.c_str(), 0755);
  }
  const std::string &path() const { return path_; }
  // `part` of it, or the whole.
  void finish(const std::string &part = "") const {
    fs::rename(path_ + part, final_);
    write_file(final_ + ".made", std::to_string(time(nullptr)) + "\n");
  }

 private:
  std::string final_, path_;
};

bool is_made(const std::string &folder) {
  return fs::exists(folder + ".made");
}

void require_rights() {
  if (geteuid() != 0)
    throw error(ExitCode::no_permission, "a clean root needs root: it mounts, and unpacks "
                                         "packages with their owners")
        .with_hint("sudo kpatch_make deb ..., or --here to build with what is installed");
}

// Runs something that takes minutes, with its output in `log`.
void run_logged(const std::vector<std::string> &argv, const std::string &log, bool verbose) {
  Command command;
  command.argv = argv;
  command.capture = !verbose;
  Outcome outcome = run(command);
  if (!verbose)
    write_file(log, outcome.output);
  if (!outcome.ok())
    throw error("{} failed:\n{}", shell_text(argv), last_lines(outcome.output))
        .with_hint("-v shows all of its output");
}

void make_root(const std::string &folder, const std::string &codename, const std::string &log,
               bool verbose, const Guardian &guardian) {
  if (find_in_path("mmdebstrap").empty())
    throw error("mmdebstrap is not installed: it makes the clean root")
        .with_hint("apt-get install mmdebstrap; or give a root with --root TARBALL, or build "
                   "with what is installed: --here");
  std::string sources = suite_sources("/etc/apt", codename);
  if (sources.empty())
    throw error("no suite {} in /etc/apt/sources.list or sources.list.d", codename)
        .with_hint("--root TARBALL names a root that was made elsewhere");
  fmt::print(stderr, "making a clean root of {}: once, about a minute\n", codename);
  Growing growing(folder, guardian);
  std::string list = growing.path() + ".sources";
  write_file(list, sources);
  guardian.remove(list);
  run_logged({"mmdebstrap", "--variant=buildd", "--format=directory", "--skip=cleanup/apt/lists",
              codename, growing.path(), list},
             log, verbose);
  growing.finish();
}

bool has_package_lists(const std::string &folder) {
  std::error_code none;
  for (const fs::directory_entry &entry :
       fs::directory_iterator(folder + "/var/lib/apt/lists", none))
    if (entry.path().filename().string().find("_Sources") != std::string::npos)
      return true;
  return false;
}

// A root that came without apt's lists, or with old ones, gets them as a layer.
void add_package_lists(CleanRoot &root, const RootRequest &request, const Guardian &guardian) {
  std::string layer = root.cache + "/layers/" + digest("lists " + root.identity);
  if (request.update)
    fs::remove(layer + ".made");
  if (!is_made(layer) && (request.update || !has_package_lists(root.layers.back()))) {
    fmt::print(stderr, "fetching the lists of packages\n");
    fs::remove_all(layer);
    Growing growing(layer, guardian);
    RootCommand command;
    command.argv = {"apt-get", "-o", "APT::Sandbox::User=root", "update"};
    command.log = request.log;
    command.verbose = request.verbose;
    if (run_in_root(fetching_view(root, growing.path()), command) != 0)
      throw error("apt-get update failed in the root:\n{}", last_lines(read_file(request.log)));
    growing.finish("/upper");
  }
  if (!is_made(layer))
    return;
  root.identity += read_file(layer + ".made");
  root.layers.insert(root.layers.begin(), layer);
}

void unpack_root(const std::string &folder, const std::string &tarball, const std::string &log,
                 bool verbose, const Guardian &guardian) {
  fmt::print(stderr, "unpacking {}\n", tarball);
  Growing growing(folder, guardian);
  run_logged({"tar", "--numeric-owner", "--xattrs", "-xpf", tarball, "-C", growing.path()}, log,
             verbose);
  if (!fs::exists(growing.path() + "/usr/bin"))
    throw error(ExitCode::bad_input, "{}: holds no root file system", tarball);
  growing.finish();
}

} // namespace

CleanRoot find_clean_root(const RootRequest &request, const Guardian &guardian) {
  const auto &[tarball, log, verbose, update] = request;
  require_rights();
  CleanRoot root;
  root.cache = cache_folder();
  std::string folder;
  CacheLock lock(root.cache);
  if (tarball.empty()) {
    std::string codename = suite_codename(read_file("/etc/os-release"));
    folder = root.cache + "/roots/" + (codename.empty() ? "unknown" : codename);
    if (!is_made(folder))
      make_root(folder, codename, log, verbose, guardian);
  } else if (fs::is_directory(tarball)) {
    folder = fs::canonical(tarball);
  } else {
    struct stat info {};
    if (stat(tarball.c_str(), &info) != 0)
      throw system_error(errno, "{}", tarball);
    folder = root.cache + "/roots/" +
             digest(fmt::format("{} {} {}", fs::canonical(tarball).string(), info.st_size,
                                info.st_mtim.tv_sec));
    if (!is_made(folder))
      unpack_root(folder, tarball, log, verbose, guardian);
  }
  root.layers = {folder};
  root.identity = folder + " " + (is_made(folder) ? read_file(folder + ".made") : "");
  add_package_lists(root, request, guardian);
  return root;
}

RootView fetching_view(const CleanRoot &root, const std::string &place) {
  RootView view;
  view.lower = root.layers;
  view.place = place;
  view.network = true;
  view.binds[root.cache + "/archives"] = "/var/cache/apt/archives";
  view.shared = {root.cache + "/sources"};
  return view;
}

void add_build_dependencies(CleanRoot &root, const BuildDependencies &wanted,
                            const RootRequest &request, const Guardian &guardian) {
  std::string layer = root.cache + "/layers/" +
                      digest(root.identity + wanted.fields + "\n" + wanted.profiles +
                             (wanted.arch_only ? "\narch only" : ""));
  CacheLock lock(root.cache);
  if (!is_made(layer)) {
    fmt::print(stderr, "installing the build dependencies into a layer of their own\n");
    Growing growing(layer, guardian);
    RootView view = fetching_view(root, growing.path());
    view.shared.push_back(wanted.tree);
    RootCommand command;
    command.argv = {"apt-get",
                    "-y",
                    "--no-install-recommends",
                    "-o",
                    "APT::Sandbox::User=root",
                    "-o",
                    "Dpkg::Options::=--force-unsafe-io",
                    "-o",
                    "Acquire::Retries=3",
                    "-o",
                    "APT::Keep-Downloaded-Packages=true"};
    if (!wanted.profiles.empty())
      command.argv.push_back("-P" + wanted.profiles);
    if (wanted.arch_only)
      command.argv.push_back("--arch-only");
    command.argv.insert(command.argv.end(), {"build-dep", wanted.tree});
    command.log = request.log;
    command.verbose = request.verbose;
    if (run_in_root(view, command) != 0)
      throw error("the build dependencies cannot be installed:\n{}",
                  request.verbose ? "    (see above)" : last_lines(read_file(request.log)))
          .with_hint("when the archive has moved on since the root was made: --update");
    growing.finish("/upper");
  }
  root.layers.insert(root.layers.begin(), layer);
}

std::vector<std::string> compilers_of(const CleanRoot &root) {
  std::set<std::string> names;
  for (const std::string &layer : root.layers)
    for (const char *folder : {"/usr/bin", "/usr/local/bin", "/bin"}) {
      std::error_code none;
      for (const fs::directory_entry &entry : fs::directory_iterator(layer + folder, none))
        if (is_compiler_name(entry.path().filename().string()))
          names.insert(entry.path().filename());
    }
  return {names.begin(), names.end()};
}

} // namespace care
