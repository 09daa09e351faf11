// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/renumber.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "kpatch_cc/source_scanner.h"

namespace care::cc {

namespace {

// Calls use(line), without newlines, for each line.
template<typename Use>
void for_each_line(std::string_view text, Use &&use) {
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// `# 12 "a.h" 3 4` or `#line 12 "a.h"`.
struct Marker {
  uint32_t line = 0;
  std::string_view file; // "" when not named
  std::string_view rest; // behind the number
};

std::optional<Marker> read_marker(std::string_view text) {
  text = without_blanks(text);
  if (!text.starts_with('#'))
    return std::nullopt;
  text = without_blanks(text.substr(1));
  if (text.starts_with("line"))
    text = without_blanks(text.substr(4));
  Marker marker;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), marker.line);
  if (failure != std::errc())
    return std::nullopt;
  marker.rest = without_blanks(text.substr(static_cast<size_t>(end - text.data())));
  size_t quote = marker.rest.starts_with('"') ? marker.rest.find('"', 1) : marker.rest.npos;
  if (quote != marker.rest.npos)
    marker.file = marker.rest.substr(1, quote - 1);
  return marker;
}

// The flags of a marker that say what kind of file it is: system header, C.
std::string_view kind_flags(std::string_view rest) {
  size_t at = rest.rfind('"');
  std::string_view flags = at == rest.npos ? std::string_view() : rest.substr(at + 1);
  size_t kind = flags.find('3');
  return kind == flags.npos ? std::string_view() : flags.substr(kind);
}

bool is_conditional(std::string_view line) {
  line = without_blanks(line);
  if (!line.starts_with('#'))
    return false;
  line = without_blanks(line.substr(1));
  return line.starts_with("if") || line.starts_with("el") || line.starts_with("endif");
}

// The number that the #line directives of a file add to the lines behind them.
class OwnNumbers {
 public:
  explicit OwnNumbers(std::string_view text) {
    SourceScanner scanner;
    uint32_t line = 0;
    for_each_line(text, [&](std::string_view content) {
      line++;
      if (std::optional<Marker> marker =
              scanner.may_be_directive() ? read_marker(content) : std::nullopt)
        from_[line + 1] = int64_t(marker->line) - (line + 1);
      scanner.take(content);
    });
  }
  uint32_t of(uint32_t line) const {
    auto above = from_.upper_bound(line);
    return static_cast<uint32_t>(line + (above == from_.begin() ? 0 : std::prev(above)->second));
  }

 private:
  std::map<uint32_t, int64_t> from_;
};

} // namespace

std::string renumber_preprocessed(std::string_view text, const FindLineMap &map_of) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  SourceScanner scanner;
  const LineMap *map = nullptr;
  std::string_view file, flags;
  uint32_t line = 1;   // of the patched source
  uint32_t number = 1; // that the compiler would give it
  for_each_line(text, [&](std::string_view content) {
    std::optional<Marker> marker = scanner.may_be_directive() && content.starts_with("# ")
                                       ? read_marker(content)
                                       : std::nullopt;
    if (marker) {
      if (!marker->file.empty()) {
        file = marker->file;
        map = map_of(file);
      }
      flags = kind_flags(marker->rest);
      line = marker->line;
      number = map ? map->number_of(line) : line;
      out += fmt::format("# {} {}\n", number, marker->rest);
      return;
    }
    uint32_t wanted = map ? map->number_of(line) : line;
    if (number != wanted && scanner.at_line_start()) {
      number = wanted;
      out += fmt::format("# {} \"{}\" {}\n", number, file, flags);
    }
    scanner.take(content);
    (out += content) += '\n';
    line++;
    number++;
  });
  return out;
}

std::string renumber_source(std::string_view text, std::string_view original, const LineMap &map) {
  std::string out;
  out.reserve(text.size() + 256);
  OwnNumbers own(original);
  SourceScanner scanner;
  uint32_t line = 1, number = 1;
  bool sure = true; // no skipped lines since: the compiler has seen the last directive put in
  for_each_line(text, [&](std::string_view content) {
    uint32_t wanted = map.number_of(line);
    if (wanted <= map.original_lines())
      wanted = own.of(wanted);
    std::optional<Marker> marker = scanner.may_be_directive() ? read_marker(content) : std::nullopt;
    if (!marker && (number != wanted || !sure) && scanner.at_line_start()) {
      out += fmt::format("#line {}\n", wanted);
      number = wanted;
      sure = true;
    }
    if (scanner.may_be_directive() && is_conditional(content))
      sure = false;
    scanner.take(content);
    (out += content) += '\n';
    line++;
    number = marker ? marker->line : number + 1;
  });
  return out;
}

std::string true_lines(std::string_view assembly, const FindLineMap &map_of) {
  std::map<uint32_t, const LineMap *> maps; // by number of file
  std::string out;
  out.reserve(assembly.size());
  auto number_at = [](std::string_view &text) {
    text = without_blanks(text);
    uint32_t value = 0;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return failure == std::errc() ? std::optional(value) : std::nullopt;
  };
  auto loc = [&](std::string_view content) {
    std::string_view rest = content.substr(5);
    std::optional<uint32_t> file = number_at(rest);
    auto found = file ? maps.find(*file) : maps.end();
    if (found == maps.end())
      return false;
    std::optional<uint32_t> number = number_at(rest);
    if (number)
      out += fmt::format("\t.loc {} {}{}\n", *file, found->second->line_of(*number), rest);
    return number.has_value();
  };
  for_each_line(assembly, [&](std::string_view content) {
    if (content.starts_with("\t.loc") && loc(content))
      return;
    if (content.starts_with("\t.file")) {
      std::string_view rest = content.substr(6);
      // .file 1 "folder" "name": the last string, behind the one before it.
      if (std::optional<uint32_t> file = number_at(rest)) {
        std::string name;
        for (size_t at = rest.find('"'); at != rest.npos;) {
          size_t end = std::min(rest.find('"', at + 1), rest.size());
          std::string_view part = rest.substr(at + 1, end - at - 1);
          name = name.empty() || part.starts_with('/') ? std::string(part)
                                                       : fmt::format("{}/{}", name, part);
          at = rest.find('"', end + 1);
        }
        if (const LineMap *map = map_of(name))
          maps[*file] = map;
      }
    }
    (out += content) += '\n';
  });
  return out;
}

} // namespace care::cc
