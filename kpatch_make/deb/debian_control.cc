// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/debian_control.h"

#include <algorithm>
#include <cctype>
#include <strings.h>

#include "lib/base/error.h"

namespace care::make {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

bool alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool consists_of(std::string_view text, std::string_view others) {
  return !text.empty() && alphanumeric(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || others.find(c) != others.npos; });
}

void take_line(ControlParagraph &paragraph, std::string_view line) {
  if (line[0] == ' ' || line[0] == '\t') {
    if (paragraph.fields.empty())
      throw error(ExitCode::bad_input, "'{}' continues no field", line);
    paragraph.fields.back().second += '\n' + std::string(trimmed(line));
    return;
  }
  size_t colon = line.find(':');
  if (colon == line.npos || colon == 0 || line.substr(0, colon).find(' ') != line.npos)
    throw error(ExitCode::bad_input, "'{}' is no field", line);
  paragraph.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

} // namespace

std::string ControlParagraph::get(std::string_view name) const {
  for (const auto &[field, value] : fields)
    if (field.size() == name.size() && strncasecmp(field.data(), name.data(), name.size()) == 0)
      return value;
  return {};
}

std::vector<ControlParagraph> parse_control(std::string_view text) {
  std::vector<ControlParagraph> paragraphs(1);
  bool armour = false; // headers of the signed message, "Hash: SHA512"
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("-----BEGIN PGP SIGNATURE"))
      break;
    if (line.starts_with("-----BEGIN PGP"))
      armour = true;
    else if (trimmed(line).empty()) {
      armour = false;
      if (!paragraphs.back().fields.empty())
        paragraphs.emplace_back();
    } else if (!armour && line[0] != '#')
      take_line(paragraphs.back(), line);
  }
  if (paragraphs.back().fields.empty())
    paragraphs.pop_back();
  return paragraphs;
}

ChangelogHead parse_changelog_head(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
  size_t open = line.find(" ("), close = line.find(')');
  if (open == line.npos || close == line.npos || close < open)
    throw error(ExitCode::bad_input, "'{}' is no changelog's first line", line);
  ChangelogHead head{std::string(line.substr(0, open)),
                     std::string(line.substr(open + 2, close - open - 2))};
  if (!valid_source_name(head.source) || !valid_version(head.version))
    throw error(ExitCode::bad_input, "'{}' names no package and version", line);
  return head;
}

std::vector<std::string> versions_built_from(std::string_view shown, std::string_view package,
                                             std::string_view version) {
  std::vector<std::string> versions;
  for (const ControlParagraph &paragraph : parse_control(shown)) {
    if (paragraph.get("Package") != package)
      continue;
    std::string own = paragraph.get("Version"), source = paragraph.get("Source");
    // "bash (5.2.15-2)", where the version is not the package's own.
    size_t open = source.find(" (");
    std::string of = open == source.npos ? own : source.substr(open + 2);
    if (of.ends_with(')'))
      of.pop_back();
    if (!own.empty() && of == version &&
        std::find(versions.begin(), versions.end(), own) == versions.end())
      versions.push_back(own);
  }
  return versions;
}

std::string upstream_version(std::string_view version) {
  if (size_t colon = version.find(':'); colon != version.npos)
    version.remove_prefix(colon + 1);
  return std::string(version.substr(0, version.rfind('-')));
}

bool valid_source_name(std::string_view name) {
  return consists_of(name, "+-.");
}

bool valid_version(std::string_view version) {
  return consists_of(version, "+-.:~");
}

} // namespace care::make
