// SPDX-License-Identifier: GPL-2.0-or-later
#include "libcare-ctl/table.h"

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/print.h"

namespace care::ctl {

namespace {

constexpr const char *kGap = "  ";
// Names are bytes to us; what is no ASCII counts as wide as its first byte.
bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

size_t width_of(const std::string &text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

// At most `width` characters, the last of them "+" when something is missing.
std::string cut(const std::string &text, size_t width) {
  if (width_of(text) <= width)
    return text;
  size_t at = 0;
  for (size_t count = 0; at < text.size(); at++) {
    if (!continues_character(text[at]) && ++count >= width)
      break;
  }
  return text.substr(0, at) + (width == 0 ? "" : "+");
}

const char *colour(Tone tone) {
  switch (tone) {
  case Tone::plain:
    return "";
  case Tone::good:
    return "\033[32m";
  case Tone::warning:
    return "\033[33m";
  case Tone::bad:
    return "\033[31m";
  }
  return "";
}

} // namespace

TableStyle stdout_style() {
  TableStyle style;
  style.terminal = is_terminal(STDOUT_FILENO);
  winsize size{};
  if (style.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    style.width = size.ws_col;
  return style;
}

void Table::add(std::vector<Cell> cells) {
  for (Cell &cell : cells)
    cell.text = printable_line(cell.text);
  rows_.push_back({std::move(cells), {}});
}

void Table::add_note(const std::string &text) {
  rows_.back().notes.push_back(printable_line(text));
}

std::string Table::shown(size_t column, const Cell &cell, const TableStyle &style) const {
  size_t most = columns_[column].most_on_terminal;
  if (!style.terminal || most == 0)
    return cell.text;
  return cell.text.substr(0, std::max(most, columns_[column].title.size()));
}

std::string Table::line(const Row &row, const std::vector<size_t> &widths,
                        const TableStyle &style) const {
  std::string text;
  size_t used = 0;
  for (size_t i = 0; i < columns_.size(); i++) {
    bool last = i + 1 == columns_.size();
    std::string content = shown(i, row.cells[i], style);
    if (last && style.terminal && style.width > used)
      content = cut(content, style.width - used);
    size_t padding = widths[i] > width_of(content) ? widths[i] - width_of(content) : 0;
    std::string tone = style.terminal ? colour(row.cells[i].tone) : "";
    std::string end = tone.empty() ? "" : "\033[0m";
    if (columns_[i].right)
      text += std::string(padding, ' ') + tone + content + end;
    else
      text += tone + content + end + (last ? "" : std::string(padding, ' '));
    text += last ? "" : kGap;
    used += widths[i] + 2;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string Table::text(const TableStyle &style) const {
  if (rows_.empty())
    return {};
  Row titles;
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); i++) {
    titles.cells.push_back({columns_[i].title, Tone::plain});
    widths.push_back(width_of(columns_[i].title));
    for (const Row &row : rows_)
      widths[i] = std::max(widths[i], width_of(shown(i, row.cells[i], style)));
  }
  std::string text = line(titles, widths, style);
  if (style.terminal)
    text = "\033[1m" + text.substr(0, text.size() - 1) + "\033[0m\n";
  for (const Row &row : rows_) {
    text += line(row, widths, style);
    for (const std::string &note : row.notes)
      text += std::string(widths[0], ' ') + kGap + note + "\n";
  }
  return text;
}

} // namespace care::ctl
