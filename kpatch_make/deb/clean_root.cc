// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/clean_root.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <set>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kpatch_make/build/compilers.h"
#include "kpatch_make/deb/apt_sources.h"
#include "kpatch_make/deb/apt_words.h"
#include "kpatch_make/deb/cache_lock.h"
#include "kpatch_make/sources/fixes.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"
#include "lib/patchfile/patch_file.h"

namespace care::make {

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

// Of the folder for what `text` describes: half of digest_of() would do, but folders that are
// cached already have these names.
std::string name_for(const std::string &text) {
  std::string hash(16, '\0');
  crypto_generichash(reinterpret_cast<unsigned char *>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char *>(text.data()), text.size(), nullptr, 0);
  return hex_text(hash);
}

// A folder that is filled under another name and appears complete or not at all.
class Growing {
 public:
  Growing(std::string final, const Guardian &guardian) : final_(std::move(final)) {
    fs::path place(final_);
    path_ = TempFolder(place.filename(), place.parent_path()).release();
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
void run_logged(const char *what, const std::vector<std::string> &argv, const std::string &log,
                bool verbose) {
  Command command;
  command.environment["TMPDIR"] = fs::path(log).parent_path(); // which is removed at the end
  command.argv = argv;
  command.capture = !verbose;
  command.ends_with_us = true;
  Outcome outcome = run(command);
  if (!verbose)
    write_file(log, outcome.output);
  std::string hint = apt_hint(outcome.output);
  if (!outcome.ok())
    throw error("{} failed:\n{}", what, apt_complaints(outcome.output))
        .with_hint(hint.empty() ? "-v shows all of its output" : hint);
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
  print_err("making a clean root of {}: once, about a minute\n", codename);
  Growing growing(folder, guardian);
  std::string list = growing.path() + ".sources";
  write_file(list, sources);
  guardian.remove(list);
  // In namespaces, so that its processes and mounts end with it however it ends.
  run_logged("mmdebstrap",
             {"unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "mmdebstrap",
              "--variant=buildd", "--format=directory", "--skip=cleanup/apt/lists", codename,
              growing.path(), list},
             log, verbose);
  growing.finish();
}

[[noreturn]] void throw_apt_error(const char *what, const RootRequest &request) {
  std::string said = request.verbose ? "" : read_file(request.log);
  throw error("{}:\n{}", what, request.verbose ? "    (see above)" : apt_complaints(said))
      .with_hint(apt_hint(said));
}

bool has_package_lists(const std::string &folder) {
  std::error_code none;
  for (const fs::directory_entry &entry :
       fs::directory_iterator(folder + "/var/lib/apt/lists", none))
    if (entry.path().filename().string().find("_Sources") != std::string::npos)
      return true;
  return false;
}

// Where the layer with newer lists of packages is or will be.
std::string lists_layer(const CleanRoot &root) {
  return root.cache + "/layers/" + name_for("lists " + root.identity);
}

// A root that came without apt's lists, or with old ones, gets them as a layer.
void add_package_lists(CleanRoot &root, const RootRequest &request, const Guardian &guardian) {
  std::string layer = lists_layer(root);
  if (request.update || (!is_made(layer) && !has_package_lists(root.layers.back()))) {
    print_err("fetching the lists of packages\n");
    Growing growing(layer, guardian);
    RootCommand command;
    command.argv = {"apt-get", "-o", "APT::Sandbox::User=root", "-o", "APT::Update::Error-Mode=any",
                    "update"};
    command.log = request.log;
    command.verbose = request.verbose;
    if (run_in_root(fetching_view(root, growing.path()), command) != 0)
      throw_apt_error("the lists of packages cannot be fetched", request);
    fs::remove(layer + ".made");
    fs::remove_all(layer);
    growing.finish("/upper");
  }
  if (!is_made(layer))
    return;
  root.identity += read_file(layer + ".made");
  root.layers.insert(root.layers.begin(), layer);
}

void unpack_root(const std::string &folder, const std::string &tarball, const std::string &log,
                 bool verbose, const Guardian &guardian) {
  print_err("unpacking {}\n", tarball);
  Growing growing(folder, guardian);
  run_logged("tar", {"tar", "--numeric-owner", "--xattrs", "-xpf", tarball, "-C", growing.path()},
             log, verbose);
  if (!fs::exists(growing.path() + "/usr/bin"))
    throw error(ExitCode::bad_input, "{}: holds no root file system", tarball);
  growing.finish();
}

// Where the root is, or will be.
std::string root_folder(const std::string &cache, const std::string &tarball,
                        const std::string &codename) {
  if (tarball.empty())
    return cache + "/roots/" + (codename.empty() ? "unknown" : codename);
  if (fs::is_directory(tarball))
    return fs::canonical(tarball);
  struct stat info {};
  if (stat(tarball.c_str(), &info) != 0)
    throw system_error(errno, "{}", tarball);
  return cache + "/roots/" +
         name_for(fmt::format("{} {} {}", fs::canonical(tarball).string(), info.st_size,
                              info.st_mtim.tv_sec));
}

std::string identity_of(const std::string &folder) {
  return folder + " " + (is_made(folder) ? read_file(folder + ".made") : "");
}

// Nothing is to be made, nothing to be fetched: no need to wait for those who do.
bool is_complete(CleanRoot root, const RootRequest &request) {
  const std::string &folder = root.layers.back();
  if (!fs::is_directory(request.tarball) && !is_made(folder))
    return false;
  root.identity = identity_of(folder);
  return has_package_lists(folder) || is_made(lists_layer(root));
}

} // namespace

CleanRoot find_clean_root(const RootRequest &request, const Guardian &guardian) {
  require_rights();
  CleanRoot root;
  root.cache = cache_folder();
  std::string codename = suite_codename(read_file("/etc/os-release"));
  std::string folder = root_folder(root.cache, request.tarball, codename);
  root.layers = {folder};
  std::optional<CacheLock> lock;
  if (request.update || !is_complete(root, request))
    lock.emplace(root.cache + "/lock", "fetches packages");
  if (!fs::is_directory(request.tarball) && !is_made(folder)) {
    if (request.tarball.empty())
      make_root(folder, codename, request.log, request.verbose, guardian);
    else
      unpack_root(folder, request.tarball, request.log, request.verbose, guardian);
  }
  root.identity = identity_of(folder);
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
  std::string key = name_for(root.identity + wanted.fields + "\n" + wanted.profiles +
                             (wanted.arch_only ? "\narch only" : ""));
  std::string layer = root.cache + "/layers/" + key;
  std::optional<CacheLock> lock;
  if (!is_made(layer))
    lock.emplace(root.cache + "/lock", "fetches packages");
  if (!is_made(layer)) {
    print_err("installing the build dependencies into a layer of their own\n");
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
      throw_apt_error("the build dependencies cannot be installed", request);
    growing.finish("/upper");
  }
  root.identity += "\n" + key;
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

} // namespace care::make
