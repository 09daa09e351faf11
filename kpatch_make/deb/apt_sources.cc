// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/apt_sources.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "kpatch_make/deb/debian_control.h"
#include "lib/base/fd.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

bool of_suite(const std::string &suite, const std::string &codename) {
  return suite == codename || suite.starts_with(codename + "-") ||
         suite.starts_with(codename + "/");
}

std::string stanza(const std::string &uris, const std::string &suites,
                   const std::string &components, const std::string &signed_by) {
  std::string text = "Types: deb deb-src\nURIs: " + uris + "\nSuites: " + suites +
                     "\nComponents: " + components + "\n";
  if (!signed_by.empty())
    text += "Signed-By: " + signed_by + "\n";
  return text + "\n";
}

// "deb [signed-by=KEY arch=amd64] URI SUITE COMPONENT..."
std::string from_line(const std::string &line, const std::string &codename) {
  std::istringstream words(line);
  std::string type, word, key;
  words >> type >> word;
  if (type != "deb")
    return {};
  if (word.starts_with('[')) {
    for (bool last = false; !last && !word.empty();) {
      size_t at = word.find("signed-by=");
      last = word.ends_with(']');
      if (at != std::string::npos)
        key = word.substr(at + 10, word.size() - at - 10 - (last ? 1 : 0));
      word.clear();
      words >> word;
    }
  }
  std::string suite, component, components;
  words >> suite;
  while (words >> component && !component.starts_with('#'))
    components += (components.empty() ? "" : " ") + component;
  return of_suite(suite, codename) ? stanza(word, suite, components, key) : std::string();
}

std::string from_list(const std::string &path, const std::string &codename) {
  std::istringstream lines(read_file(path));
  std::string text;
  for (std::string line; std::getline(lines, line);)
    text += from_line(line, codename);
  return text;
}

std::string from_deb822(const std::string &path, const std::string &codename) {
  std::string text;
  for (const ControlParagraph &paragraph : parse_control(read_file(path))) {
    std::istringstream types(paragraph.get("Types")), names(paragraph.get("Suites"));
    bool binary = false;
    for (std::string type; types >> type;)
      binary = binary || type == "deb";
    std::string suites;
    for (std::string suite; names >> suite;)
      if (of_suite(suite, codename))
        suites += (suites.empty() ? "" : " ") + suite;
    std::string enabled = paragraph.get("Enabled");
    if (binary && !suites.empty() && enabled != "no" && enabled != "false")
      text += stanza(paragraph.get("URIs"), suites, paragraph.get("Components"),
                     paragraph.get("Signed-By"));
  }
  return text;
}

} // namespace

std::string suite_sources(const std::string &etc, const std::string &codename) {
  std::vector<fs::path> files;
  if (fs::exists(etc + "/sources.list"))
    files.emplace_back(etc + "/sources.list");
  std::error_code none;
  for (const fs::directory_entry &entry : fs::directory_iterator(etc + "/sources.list.d", none))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string text;
  for (const fs::path &file : files)
    if (file.extension() == ".list")
      text += from_list(file, codename);
    else if (file.extension() == ".sources")
      text += from_deb822(file, codename);
  return text;
}

std::string suite_codename(const std::string &os_release) {
  std::istringstream lines(os_release);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("VERSION_CODENAME=")) {
      std::string name = line.substr(17);
      std::erase(name, '"');
      return name;
    }
  return {};
}

} // namespace care::make
