// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/fix_parts.h"

#include <algorithm>
#include <cstdio>
#include <fnmatch.h>

namespace care::make {

namespace {

constexpr std::string_view kGit = "diff --git ", kOld = "--- ", kNew = "+++ ";
constexpr long kMostLines = 1'000'000'000;

std::string without_folder(std::string_view path) {
  if (path.size() > 1 && path.front() == '"' && path.back() == '"')
    path = path.substr(1, path.size() - 2);
  size_t slash = path.find('/');
  return std::string(slash == path.npos ? path : path.substr(slash + 1));
}

// "--- a/NAME<tab>date", without the first word.
std::string_view named(std::string_view line) {
  line.remove_prefix(kOld.size());
  return line.substr(0, line.find_first_of("\t\r\n"));
}

// Of "a/NAME b/NAME", which are of one length unless the file is renamed.
std::string_view named_by_git(std::string_view line) {
  line.remove_prefix(kGit.size());
  line = line.substr(0, line.find_first_of("\r\n"));
  return line.substr(line.size() / 2 + (line.empty() ? 0 : 1));
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : rest_(text), parts_(1) {}

  std::vector<FixPart> split() {
    while (!rest_.empty()) {
      size_t end = rest_.find('\n');
      line_ = rest_.substr(0, end == rest_.npos ? end : end + 1);
      rest_.remove_prefix(line_.size());
      take_line();
    }
    return std::move(parts_);
  }

 private:
  void take_line() {
    if (!is_of_hunk())
      take_header();
    parts_.back().text += line_;
  }

  // A removed line may look like the header of a file, so lines are counted.
  bool is_of_hunk() {
    if (old_ <= 0 && new_ <= 0)
      return false;
    char first = line_.front();
    bool both = first == ' ' || first == '\n' || first == '\r';
    if (!both && first != '-' && first != '+' && first != '\\') {
      old_ = new_ = 0; // it is shorter than it says; patch(1) will complain
      return false;
    }
    old_ -= both || first == '-' ? 1 : 0;
    new_ -= both || first == '+' ? 1 : 0;
    return true;
  }

  void take_header() {
    if (line_.starts_with(kGit)) {
      begin(without_folder(named_by_git(line_)));
    } else if (line_.starts_with("Index: ")) {
      begin(without_folder(line_.substr(7, line_.find_first_of("\r\n", 7) - 7)));
    } else if (line_.starts_with(kOld) && rest_.starts_with(kNew)) {
      std::string_view old = named(line_), changed = named(rest_.substr(0, rest_.find('\n')));
      if (has_names_ || parts_.size() == 1 || parts_.back().binary)
        begin("");
      has_names_ = true;
      parts_.back().file = without_folder(changed == "/dev/null" ? old : changed);
      parts_.back().creates = old == "/dev/null";
    } else if (line_.starts_with("GIT binary patch")) {
      parts_.back().binary = true;
    } else if (line_.starts_with("new file mode")) {
      parts_.back().creates = true;
    } else if (auto head = read_hunk_head(line_)) {
      old_ = head->old_count;
      new_ = head->new_count;
    }
  }

  void begin(const std::string &file) {
    parts_.push_back({file, "", false, false});
    has_names_ = false;
  }

  std::string_view rest_, line_;
  std::vector<FixPart> parts_;
  bool has_names_ = false; // the part has its --- and +++
  long old_ = 0, new_ = 0; // lines of the hunk that are still to come
};

} // namespace

std::optional<HunkHead> read_hunk_head(std::string_view line) {
  std::string text(line.substr(0, line.find_first_of("\r\n")));
  size_t plus = text.find(" +"), end = text.find(" @@", plus);
  HunkHead head{0, 1, 1, {}};
  if (end == text.npos || sscanf(text.c_str(), "@@ -%ld,%ld", &head.line, &head.old_count) < 1)
    return std::nullopt;
  sscanf(text.c_str() + plus, " +%*d,%ld", &head.new_count);
  for (long number : {head.line, head.old_count, head.new_count})
    if (number < 0 || number > kMostLines)
      return std::nullopt;
  size_t heading = text.find_first_not_of(' ', end + 3);
  head.heading = heading == text.npos ? "" : text.substr(heading);
  return head;
}

std::vector<FixPart> split_fix(std::string_view text) {
  return Splitter(text).split();
}

bool is_skipped(const std::string &file, const std::vector<std::string> &skip) {
  return std::any_of(skip.begin(), skip.end(), [&](std::string path) {
    while (path.ends_with('/'))
      path.pop_back();
    return !path.empty() && (file == path || file.starts_with(path + "/") ||
                             fnmatch(path.c_str(), file.c_str(), 0) == 0);
  });
}

} // namespace care::make
