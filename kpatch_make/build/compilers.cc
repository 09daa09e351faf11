// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/build/compilers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <unistd.h>

#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

void add_link(const std::string &folder, const std::string &name, const std::string &target) {
  if (symlink(target.c_str(), (folder + "/" + name).c_str()) != 0 && errno != EEXIST)
    throw system_error(errno, "cannot create {}/{}", folder, name);
}

} // namespace

bool is_compiler_name(std::string_view name) {
  constexpr std::array<std::string_view, 14> kTools = {
      "gcc", "g++", "cc", "c++",    "clang",   "clang++", "c89",
      "c99", "as",  "ld", "ld.bfd", "ld.gold", "ld.lld",  "ld.mold"};
  // A version behind it: gcc-12.
  size_t dash = name.rfind('-');
  if (dash != name.npos && dash + 1 < name.size() &&
      name.find_first_not_of("0123456789.", dash + 1) == name.npos)
    name = name.substr(0, dash);
  // A target in front of it: x86_64-linux-gnu-gcc.
  size_t tool = name.rfind('-') + 1;
  std::string_view target = name.substr(0, tool);
  return std::find(kTools.begin(), kTools.end(), name.substr(tool)) != kTools.end() &&
         !target.starts_with('-') &&
         target.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == target.npos;
}

std::vector<std::string> make_links(const std::string &folder, const std::string &kpatch_cc) {
  std::vector<std::string> names;
  std::string path = environment("PATH");
  for (size_t begin = 0; begin <= path.size();) {
    size_t end = std::min(path.find(':', begin), path.size());
    std::error_code ignored;
    for (const fs::directory_entry &entry :
         fs::directory_iterator(path.substr(begin, end - begin), ignored)) {
      std::string name = entry.path().filename();
      if (!is_compiler_name(name) || access(entry.path().c_str(), X_OK) != 0)
        continue;
      add_link(folder, name, kpatch_cc);
      names.push_back(name);
    }
    begin = end + 1;
  }
  return names;
}

std::string through_links(const std::string &value, const std::string &folder,
                          const std::string &kpatch_cc) {
  size_t begin = value.find_first_not_of(' ');
  if (begin == std::string::npos)
    return value;
  size_t end = std::min(value.find(' ', begin), value.size());
  std::string word = value.substr(begin, end - begin), rest = value.substr(end);
  std::string base = word.substr(word.rfind('/') + 1);
  if (base == "ccache" || base == "distcc" || base == "sccache")
    return through_links(rest, folder, kpatch_cc);
  if (word.find('/') == std::string::npos || base.starts_with("kpatch_c"))
    return value;
  if (!is_compiler_name(base))
    return value; // a wrapper: it will call a compiler by name
  add_link(folder, base, kpatch_cc);
  return folder + "/" + base + " --real=" + word + rest;
}

std::map<std::string, std::string> build_environment(const std::string &links,
                                                     const std::string &store,
                                                     const std::string &kpatch_cc) {
  std::map<std::string, std::string> result = {
      {"PATH", links + ":" + environment("PATH")},
      {kStoreVariable, store},
      {"CCACHE_DISABLE", "1"}, // a hit would leave nothing to see
      {"SCCACHE_DISABLE", "1"},
  };
  for (const char *name : {"CC", "CXX"})
    if (std::string value = environment(name); !value.empty())
      result[name] = through_links(value, links, kpatch_cc);
  // __DATE__ and __TIME__ would differ between the two builds.
  if (environment("SOURCE_DATE_EPOCH").empty())
    result["SOURCE_DATE_EPOCH"] = std::to_string(time(nullptr));
  return result;
}

std::string find_tool(const char *variable, const std::string &name) {
  std::string path = environment(variable);
  if (path.empty())
    // Not canonical(): an upgrade may have put another file there while the builds ran.
    path = fs::read_symlink("/proc/self/exe").parent_path() / name;
  if (access(path.c_str(), X_OK) != 0)
    throw error("{}: not found", path)
        .with_hint(fmt::format("it belongs beside kpatch_make, or into {}", variable));
  return fs::absolute(path);
}

} // namespace care::make
