// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tables on standard output. On a terminal columns have the width that their content
// needs, the last one is cut at the screen's edge, titles are bold and states coloured. In
// a pipe there is neither colour nor cut, so that every word is there to be searched for.
#pragma once

#include <string>
#include <vector>

namespace care::ctl {

enum class Tone { plain, good, warning, bad };

struct Column {
  std::string title;
  bool right = false;
  // On a terminal no more than so many characters are shown; 0: all.
  size_t most_on_terminal = 0;
};

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};

struct TableStyle {
  bool terminal = false; // colour, and cut
  size_t width = 0;      // of the screen, in characters; 0: unknown
};

// Of standard output. NO_COLOR makes a terminal look like a pipe.
TableStyle stdout_style();

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns; control characters are shown escaped.
  void add(std::vector<Cell> cells);
  // A line of its own below the last row.
  void add_note(const std::string &text);
  bool empty() const { return rows_.empty(); }

  // All of it, each line with its end. Empty when there is no row.
  std::string text(const TableStyle &style) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::vector<std::string> notes;
  };

  std::string shown(size_t column, const Cell &cell, const TableStyle &style) const;
  std::string line(const Row &row, const std::vector<size_t> &widths,
                   const TableStyle &style) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

} // namespace care::ctl
