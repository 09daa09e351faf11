// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/public_names.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "kpatch_make/objects/shipped_files.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/elf/dynamic.h"
#include "lib/elf/elf_file.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

bool is_header(const fs::path &path) {
  static const Names endings = {".h", ".hh", ".hpp", ".hxx", ".inc", ".ipp", ".tcc", ""};
  return endings.count(path.extension()) != 0;
}

// For those who build against it: NAME-dev_VERSION.deb, NAME-devel-VERSION.rpm.
bool is_development_package(const fs::path &path) {
  std::string name = path.filename();
  return is_package(path) &&
         (name.find("-dev_") != std::string::npos || name.find("-devel-") != std::string::npos);
}

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

void add_words(const std::string &text, Names &words) {
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && in_word(text[end]))
      end++;
    if (end > begin)
      words.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// What an object takes from others, or defines for them.
Names dynamic_names(const std::string &path, bool defined) {
  ElfFile elf(path);
  Names names;
  DynamicTables dynamic(elf);
  for (const DynamicSymbol &symbol : dynamic.symbols())
    if (symbol.symbol.defined() == defined && !symbol.name.empty())
      names.insert(symbol.name);
  return names;
}

class Headers {
 public:
  explicit Headers(std::string folder) : folder_(std::move(folder)) {}

  void read(const fs::path &given) {
    if (is_package(given))
      return read_package(given);
    std::error_code none;
    if (!fs::is_directory(given))
      return read_header(given);
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(given, none))
      if (is_development_package(entry.path()))
        read_package(entry.path());
      else if (entry.is_regular_file(none) && is_header(entry.path()))
        read_header(entry.path());
  }

  std::optional<Names> words() {
    if (composed_ || words_.empty())
      return std::nullopt;
    return std::move(words_);
  }

 private:
  void read_package(const fs::path &package) {
    std::string place = fmt::format("{}/{}", folder_, packages_++);
    unpack_package(package, place);
    if (fs::exists(place + "/usr/include"))
      read(place + "/usr/include");
  }
  void read_header(const fs::path &path) {
    std::string text = read_file(path);
    add_words(text, words_);
    composed_ |= text.find("##") != std::string::npos;
  }

  std::string folder_; // for what packages hold
  size_t packages_ = 0;
  Names words_;
  bool composed_ = false; // some names are made of parts
};

} // namespace

std::optional<Names> header_words(const std::vector<std::string> &headers,
                                  const std::string &folder) {
  Headers reader(folder);
  for (const std::string &given : headers)
    reader.read(given);
  return reader.words();
}

EntryNames entry_names(const Link &object, const std::vector<Link> &built,
                       const std::optional<Names> &words) {
  if (!words || object.soname.empty())
    return std::nullopt;
  Names exported = dynamic_names(object.copy, true);
  Names entries;
  for (const std::string &name : exported)
    if (words->count(name) != 0)
      entries.insert(name);
  if (entries.empty())
    return std::nullopt;
  for (const std::string &name : exported)
    if (name.starts_with("_Z"))
      entries.insert(name);
  for (const Link &other : built) {
    if (other.copy == object.copy)
      continue;
    Names imported = dynamic_names(other.copy, false);
    std::set_intersection(exported.begin(), exported.end(), imported.begin(), imported.end(),
                          std::inserter(entries, entries.end()));
  }
  return entries;
}

} // namespace care::make
