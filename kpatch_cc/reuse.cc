// SPDX-License-Identifier: GPL-2.0-or-later
//
// A record is the file reuse-HASH in the object's folder of the store. HASH is the hash of
// the call. The record has the file of the text, then the assembler's options, a line each.
// The dependency list, reuse-HASH.d, is beside it. Its time is that of the compilation.
#include "kpatch_cc/reuse.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include "kpatch_cc/both_trees.h"
#include "kpatch_cc/make_rule.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/piped_compiler.h"
#include "kpatch_cc/reuse_line.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

// From the driver to the assembler: the hash of the call, and its dependency list.
constexpr const char *kCallVariable = "KPATCH_REUSE_CALL";
constexpr const char *kListVariable = "KPATCH_REUSE_LIST";

// Files that a build leaves in a folder and that no source includes.
constexpr std::array<std::string_view, 14> kProducts = {".o",   ".lo",  ".a",  ".la",  ".so",
                                                        ".d",   ".Tpo", ".Po", ".Plo", ".tmp",
                                                        ".log", ".s",   ".i",  ".ii"};

std::string call_name(const std::string &compiler, const std::vector<std::string> &arguments) {
  std::string call = compiler + '\n' + fs::current_path().string() + '\n' +
                     environment("SOURCE_DATE_EPOCH") + '\n' + environment("GCC_EXEC_PREFIX");
  for (const std::string &argument : arguments)
    call += '\n' + argument;
  return content_name(call);
}

bool possible() {
  for (const char *forbidden :
       {"DEPENDENCIES_OUTPUT", "SUNPRO_DEPENDENCIES", "CCC_OVERRIDE_OPTIONS"})
    if (!environment(forbidden).empty())
      return false;
  return !environment(kTreeVariable).empty() && !environment(kOriginalTreeVariable).empty() &&
         !environment("SOURCE_DATE_EPOCH").empty();
}

bool newer(const timespec &a, const timespec &b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

// The names by which a new file in a folder of headers changes what the compiler reads.
struct TellingNames {
  std::set<std::string> names; // of files read, of files asked for, and of folders on the way
  bool all = false;            // a source asks for a file whose name is not spelled out
};

// What a __has_include or __has_embed asks for.
void add_asked(std::string_view text, TellingNames &telling) {
  constexpr std::string_view kWord = "__has_";
  for (size_t at = 0; (at = text.find(kWord, at)) != std::string_view::npos;) {
    at += kWord.size();
    size_t open = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_ \t", at);
    std::string_view word = text.substr(at, open - at);
    if (open == std::string_view::npos || text[open] != '(' ||
        (!word.starts_with("include") && !word.starts_with("embed")))
      continue;
    size_t begin = text.find_first_not_of(" \t", open + 1);
    if (begin == std::string_view::npos || (text[begin] != '<' && text[begin] != '"')) {
      telling.all = true;
      continue;
    }
    fs::path path(text.substr(begin + 1, text.find_first_of(">\"\n", begin + 1) - begin - 1));
    telling.names.insert(path.begin(), path.end());
  }
}

TellingNames telling_names(const std::vector<std::string> &files) {
  TellingNames telling;
  for (const std::string &file : files) {
    fs::path path(file);
    telling.names.insert(path.begin(), path.end());
    add_asked(read_file(file), telling);
  }
  return telling;
}

// Both trees, the moment of the original compilation, and what it read.
class Comparison {
 public:
  Comparison(const timespec &then, const std::vector<std::string> &files)
      : trees_(environment(kTreeVariable), environment(kOriginalTreeVariable)), then_(then),
        files_(files) {}

  // Would the compiler read the same again?
  bool same_file(const std::string &name, bool refuse_system_header) const {
    std::string path = absolute_path(name);
    if (path.ends_with(".gch") || path.ends_with(".pch") || exists(path + ".gch") ||
        exists(path + ".pch"))
      return false;
    std::string here = trees_.now(name), other = trees_.then(name);
    if (!trees_.in_tree(here))
      return here == other && untouched(here);
    struct stat now {
    }, before{};
    if (other.empty() || here == other || stat(here.c_str(), &now) != 0 ||
        stat(other.c_str(), &before) != 0 || now.st_size != before.st_size ||
        newer(before.st_mtim, then_))
      return false;
    std::string text = read_file(here);
    return text == read_file(other) &&
           !(refuse_system_header && text.find("system_header") != std::string::npos);
  }

  // Is the folder without new files that matter?
  bool same_folder(const std::string &name) {
    std::string here = trees_.now(name), other = trees_.then(name);
    if (!trees_.in_tree(here))
      return here == other && (here.empty() || untouched(here));
    std::set<std::string> before = names_in(other);
    std::set<std::string> now = names_in(here);
    return std::all_of(now.begin(), now.end(), [&](const std::string &entry) {
      return before.count(entry) != 0 ||
             std::any_of(kProducts.begin(), kProducts.end(),
                         [&](std::string_view product) { return entry.ends_with(product); }) ||
             !matters(entry);
    });
  }

 private:
  // The files that were read are read once more at most, however many files are new.
  bool matters(const std::string &entry) {
    if (!telling_)
      telling_ = telling_names(files_);
    return telling_->all || telling_->names.count(entry) != 0;
  }
  static bool exists(const std::string &path) { return access(path.c_str(), F_OK) == 0; }
  bool untouched(const std::string &path) const {
    struct stat now {};
    return stat(path.c_str(), &now) == 0 && !newer(now.st_ctim, then_) &&
           !newer(now.st_mtim, then_);
  }
  static std::set<std::string> names_in(const std::string &folder) {
    std::set<std::string> names;
    std::error_code none;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, none))
      names.insert(entry.path().filename());
    return names;
  }

  BothTrees trees_;
  timespec then_;
  const std::vector<std::string> &files_;
  std::optional<TellingNames> telling_; // of files_, when first needed
};

// The first difference from what the original compilation read, or "".
std::string what_changed(const ReuseLine &line, const std::string &list, const timespec &then) {
  std::optional<MakeRule> rule = first_make_rule(list);
  if (!rule || rule->prerequisites.empty())
    return "no list of what it read";
  const std::vector<std::string> &files = rule->prerequisites;
  Comparison both(then, files);
  for (const std::string &file : line.specs)
    if (!both.same_file(file, false))
      return file;
  std::set<std::string> folders(line.folders.begin(), line.folders.end());
  for (const std::string &file : files) {
    if (!both.same_file(file, line.system_headers_left_out))
      return file;
    std::string folder = fs::path(file).parent_path();
    if (!folder.starts_with("/"))
      folders.insert(folder.empty() ? "." : folder);
  }
  for (const std::string &folder : folders)
    if (!both.same_folder(folder))
      return folder + "/";
  return "";
}

// The arguments for `as`, read from a record.
std::vector<std::string> assembler_words(const std::string &text, const std::string &folder,
                                         const std::string &output) {
  std::vector<std::string_view> lines = lines_of(text);
  std::vector<std::string> result(lines.begin() + 1, lines.end());
  result.insert(result.end(), {"-o", output, fmt::format("{}/{}", folder, lines[0])});
  return result;
}

} // namespace

void prevent_reuse() {
  unsetenv(kCallVariable);
}

std::vector<std::string> prepare_reuse(const Store &store, const std::string &compiler,
                                       const std::vector<std::string> &arguments) {
  prevent_reuse();
  if (!possible())
    return {};
  ReuseLine line = read_reuse_line(arguments);
  if (!line.eligible)
    return {};
  std::string call = call_name(compiler, arguments);
  setenv(kCallVariable, call.c_str(), 1);
  std::string list = absolute_path(line.dependencies);
  std::vector<std::string> added;
  if (!line.wants_dependencies) {
    list = fmt::format("{}/{}-{}.d", store.folder(), call, getpid());
    added = {"-MD", "-MF", list};
  }
  setenv(kListVariable, list.c_str(), 1);
  return added;
}

void record_for_reuse(const Store &store, const std::string &key, const AssemblerLine &line,
                      std::string_view text, const std::string &copy) {
  std::string call = environment(kCallVariable), list = environment(kListVariable);
  if (call.empty())
    return;
  if (line.from_stdin())
    wait_for_piped_compiler();
  if (text.find(".incbin") != std::string_view::npos ||
      text.find(".include") != std::string_view::npos || access(list.c_str(), R_OK) != 0)
    return;
  std::string path = store.key_folder(key) + "/reuse-" + call;
  std::string record = fs::path(copy).filename().string() + "\n";
  // The build made the same call twice: kpatch_cc cannot tell which of the two is meant.
  if (access(path.c_str(), F_OK) == 0 && read_file(path).substr(0, record.size()) != record)
    record = "\n";
  for (const std::string &option : line.options)
    record += option + "\n";
  write_file(path + ".d", read_file(list));
  write_file(path, record);
  if (list.starts_with(store.folder() + "/"))
    unlink(list.c_str());
}

std::optional<std::vector<std::string>> find_reusable(const Store &store,
                                                      const std::string &compiler,
                                                      const std::vector<std::string> &arguments) {
  if (!possible())
    return std::nullopt;
  ReuseLine line = read_reuse_line(arguments);
  if (!line.compiles)
    return std::nullopt;
  std::string key = absolute_path(line.output);
  auto again = [&](const std::string &why) {
    store.log(kStoreAgain, key + ": " + why);
    return std::nullopt;
  };
  if (!line.eligible)
    return again(line.why_not);
  std::string folder = store.key_folder(key);
  std::string path = folder + "/reuse-" + call_name(compiler, arguments);
  struct stat record {};
  if (stat(path.c_str(), &record) != 0)
    return again("compiled otherwise, or not at all, in the original build");
  std::string text = read_file(path), list = read_file(path + ".d");
  if (text.empty() || text[0] == '\n')
    return again("compiled twice with different results in the original build");
  if (std::string changed = what_changed(line, list, record.st_mtim); !changed.empty())
    return again(changed);
  if (line.wants_dependencies)
    write_file(line.dependencies, list);
  store.log(kStoreReused, key);
  return assembler_words(text, folder, line.output);
}

} // namespace care::cc
