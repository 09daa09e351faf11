// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/hunk_places.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "kpatch_make/sources/fix_parts.h"
#include "lib/base/lines.h"

namespace care::make {

namespace {

using Lines = std::vector<std::string_view>;

struct Hunk {
  long line = 0; // where its old lines begin, from 1
  std::string heading;
  Lines old;
  size_t before = 0, behind = 0; // lines of context at its ends
};

std::vector<Hunk> hunks_of(std::string_view part) {
  std::vector<Hunk> hunks;
  long left = 0; // old lines of the hunk that are still to come
  for (std::string_view line : lines_of(part)) {
    if (auto head = left > 0 ? std::nullopt : read_hunk_head(line)) {
      hunks.push_back({head->line, head->heading, {}});
      left = head->old_count;
      continue;
    }
    // Behind the old lines there may be added ones, and what a mail ends with.
    if (hunks.empty() || (left == 0 && !line.starts_with('+')))
      continue;
    Hunk &hunk = hunks.back();
    bool context = line.empty() || line[0] == ' ';
    if (context || line[0] == '-') {
      hunk.old.push_back(line.empty() ? line : line.substr(1));
      left--;
    }
    if (context)
      hunk.behind++;
    else if (line[0] == '-' || line[0] == '+') {
      if (hunk.behind == hunk.old.size() - (line[0] == '-' ? 1 : 0))
        hunk.before = hunk.behind;
      hunk.behind = 0;
    }
  }
  return hunks;
}

// "int ZEXPORT gzungetc(int c, gzFile file) {" is about gzungetc, "class Reader {" about that.
std::string subject_of(std::string_view heading) {
  size_t end = heading.find('(');
  if (end == heading.npos)
    return std::string(heading.substr(0, heading.find_last_not_of(" {\t\r") + 1));
  while (end > 0 && heading[end - 1] == ' ')
    end--;
  size_t begin = end;
  auto part_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  while (begin > 0 && part_of_name(heading[begin - 1]))
    begin--;
  return std::string(heading.substr(begin, end - begin));
}

// The line that diff -p would show for a hunk that begins at `line`.
std::string_view heading_at(const Lines &file, size_t line) {
  while (line-- > 0) {
    char first = file[line].empty() ? ' ' : file[line][0];
    if (std::isalpha(static_cast<unsigned char>(first)) || first == '_' || first == '$')
      return file[line];
  }
  return {};
}

// Lines, from 0, at which the hunk would begin if it went in with that much fuzz.
std::vector<size_t> places_of(const Hunk &hunk, const Lines &file, size_t fuzz) {
  size_t lead = std::min(fuzz, hunk.before), tail = std::min(fuzz, hunk.behind);
  std::vector<size_t> places;
  if (hunk.old.size() <= lead + tail)
    return places;
  auto first = hunk.old.begin() + static_cast<ptrdiff_t>(lead);
  auto last = hunk.old.end() - static_cast<ptrdiff_t>(tail);
  for (auto at = file.begin(); (at = std::search(at, file.end(), first, last)) != file.end();
       ++at) {
    size_t place = static_cast<size_t>(at - file.begin());
    if (place >= lead)
      places.push_back(place - lead);
  }
  return places;
}

std::string place_text(const Lines &file, size_t place) {
  std::string subject = subject_of(heading_at(file, place));
  return fmt::format("line {}{}", place + 1, subject.empty() ? "" : " (" + subject + ")");
}

HunkDoubt doubt_of(const Hunk &hunk, const Lines &file, const MovedHunk &moved,
                   const std::vector<size_t> &places, size_t chosen) {
  std::string wanted = subject_of(hunk.heading);
  auto right = [&](size_t place) {
    return !wanted.empty() && subject_of(heading_at(file, place)) == wanted;
  };
  auto rights = std::count_if(places.begin(), places.end(), right);
  if (rights == 1 && right(chosen))
    return {};
  std::string others;
  for (size_t place : places)
    if (place != chosen)
      others += (others.empty() ? "" : ", ") + place_text(file, place);
  std::string head =
      fmt::format("{}: hunk {} ({}at line {}) goes in at {}, but its old lines stand at {}, too",
                  moved.file, moved.number, wanted.empty() ? "" : "for " + wanted + ", ", hunk.line,
                  place_text(file, chosen), others);
  return {rights > 0 && !right(chosen), head};
}

} // namespace

std::vector<MovedHunk> moved_hunks(std::string_view patch_output) {
  constexpr std::string_view kChecking = "checking file ", kPatching = "patching file ",
                             kOffset = "(offset ";
  std::vector<MovedHunk> hunks;
  std::string file;
  for (std::string_view line : lines_of(patch_output)) {
    if (line.starts_with(kChecking) || line.starts_with(kPatching)) {
      file = line.substr(kChecking.size());
      if (file.size() > 1 && file.front() == '\'' && file.back() == '\'')
        file = file.substr(1, file.size() - 2);
      continue;
    }
    // "Hunk #2 succeeded at 841 with fuzz 1 (offset -57 lines)."
    std::string text(line);
    MovedHunk hunk{file};
    long line_number = 0;
    if (sscanf(text.c_str(), "Hunk #%zu succeeded at %ld with fuzz %zu", &hunk.number, &line_number,
               &hunk.fuzz) < 2)
      continue;
    if (size_t at = text.find(kOffset); at != text.npos)
      hunk.offset = strtol(text.c_str() + at + kOffset.size(), nullptr, 10);
    hunks.push_back(hunk);
  }
  return hunks;
}

std::vector<HunkDoubt> doubts_of(std::string_view part, std::string_view file,
                                 const std::vector<MovedHunk> &moved) {
  std::vector<Hunk> hunks = hunks_of(part);
  Lines lines = lines_of(file);
  std::vector<HunkDoubt> doubts;
  for (const MovedHunk &m : moved) {
    if (m.number == 0 || m.number > hunks.size())
      continue;
    const Hunk &hunk = hunks[m.number - 1];
    std::vector<size_t> places = places_of(hunk, lines, m.fuzz);
    auto chosen = static_cast<size_t>(hunk.line + m.offset - 1);
    if (places.size() < 2 || std::find(places.begin(), places.end(), chosen) == places.end())
      continue;
    HunkDoubt doubt = doubt_of(hunk, lines, m, places, chosen);
    if (!doubt.text.empty())
      doubts.push_back(doubt);
  }
  return doubts;
}

} // namespace care::make
