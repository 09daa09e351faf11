// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/find_program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/environment.h"
#include "lib/base/error.h"

namespace care::cc {

namespace {

std::string resolved(const std::string &path) {
  char buffer[PATH_MAX];
  return realpath(path.c_str(), buffer) != nullptr ? buffer : path;
}

std::string_view base_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_self(const struct stat &st) {
  struct stat self {};
  return stat("/proc/self/exe", &self) == 0 && self.st_dev == st.st_dev && self.st_ino == st.st_ino;
}

// Caches and distributors. They search PATH in turn, or compile on machines without the store.
bool is_front_end(const std::string &path) {
  static constexpr std::array<std::string_view, 6> names = {"ccache", "sccache", "distcc",
                                                            "icecc",  "icerun",  "colorgcc"};
  std::string real = resolved(path);
  return std::find(names.begin(), names.end(), base_of(real)) != names.end();
}

bool is_candidate(const std::string &path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && access(path.c_str(), X_OK) == 0 &&
         !is_self(st) && !is_front_end(path);
}

} // namespace

std::string find_in_folders(std::string_view name, std::string_view folders) {
  while (!folders.empty()) {
    size_t end = std::min(folders.find(':'), folders.size());
    std::string folder(folders.substr(0, end));
    folders.remove_prefix(std::min(end + 1, folders.size()));
    std::string path = (folder.empty() ? "." : folder) + "/" + std::string(name);
    if (is_candidate(path))
      return path;
  }
  return {};
}

std::string find_compiler(const std::string &name) {
  if (name.find('/') != std::string::npos) {
    if (is_candidate(name))
      return name;
    throw error("{}: no compiler that kpatch_cc could stand for", name);
  }
  std::string path = find_in_folders(name, environment("PATH"));
  if (path.empty())
    throw error("no {} in PATH besides kpatch_cc itself", name);
  return path;
}

std::string find_binutil(const std::string &name) {
  std::string path = find_in_folders(name, environment("COMPILER_PATH"));
  if (path.empty())
    path = find_in_folders(name, environment("PATH"));
  if (path.empty())
    throw error("no {} in PATH besides kpatch_cc itself", name);
  return path;
}

std::string own_path() {
  return resolved("/proc/self/exe");
}

std::string find_sibling(const char *variable, std::string_view name) {
  std::string named = environment(variable);
  if (!named.empty())
    return named;
  std::string self = own_path();
  return self.substr(0, self.rfind('/') + 1) + std::string(name);
}

void exec_program(const std::string &path, const std::vector<std::string> &arguments) {
  std::vector<char *> argv{const_cast<char *>(path.c_str())};
  for (const std::string &argument : arguments)
    argv.push_back(const_cast<char *>(argument.c_str()));
  argv.push_back(nullptr);
  execv(path.c_str(), argv.data());
  throw system_error(errno, "cannot run {}", path);
}

} // namespace care::cc
