// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/apt_words.h"

#include <utility>

#include "kpatch_make/sources/fixes.h"
#include "lib/base/lines.h"

namespace care::make {

namespace {

constexpr size_t kMostComplaints = 6; // a line for each file that could not be fetched

constexpr const char *kNoSources =
    "this system's apt has no sources: add deb-src to /etc/apt/sources.list (or to Types: in "
    "sources.list.d), give a .dsc or an unpacked tree, or build in a clean root, without --here";
constexpr const char *kMovedOn = "the archive has moved on since the root was made: --update";
constexpr const char *kNoNetwork =
    "there is no network, or the mirror does not answer; what is in the cache needs neither";

// In this order: an archive that has moved on answers.
constexpr std::pair<std::string_view, const char *> kHints[] = {
    {"You must put some 'deb-src' URIs", kNoSources},
    {"404  Not Found", kMovedOn},
    {"Temporary failure resolving", kNoNetwork},
    {"Could not resolve", kNoNetwork},
    {"Could not connect", kNoNetwork},
    {"Unable to connect", kNoNetwork},
    {"Connection timed out", kNoNetwork},
    {"Failed to fetch", kNoNetwork},
};

} // namespace

std::string apt_complaints(std::string_view output) {
  std::string text;
  size_t count = 0;
  for (std::string_view line : lines_of(output))
    if (line.starts_with("E:") && count++ < kMostComplaints)
      text += (text.empty() ? "    " : "\n    ") + std::string(line);
  return text.empty() ? last_lines(output) : text;
}

std::string apt_hint(std::string_view output) {
  for (const auto &[words, hint] : kHints)
    if (output.find(words) != output.npos)
      return hint;
  return {};
}

} // namespace care::make
