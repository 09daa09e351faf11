// SPDX-License-Identifier: GPL-2.0-or-later
//
// CFI directives are left out where they are equal, and so are all statements that are
// far from a difference. Jumps across inserted code count as equal: their target
// moved, they did not change.
#include "kpatch_gensrc/report/listing.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/match/same_statement.h"
#include "lib/base/alignment.h"

namespace care::gensrc {

namespace {

constexpr size_t kContext = 5;     // equal statements around a difference
constexpr size_t kMaxConstant = 4; // statements shown of a constant

// `.file NUMBER "NAME"` of one unit.
class SourceFiles {
 public:
  explicit SourceFiles(const Unit &unit) {
    for (size_t at = unit.text.find("\t.file"); at != std::string_view::npos;
         at = unit.text.find("\t.file", at + 6)) {
      std::string_view rest = unit.text.substr(at + 6, unit.text.find('\n', at) - at - 6);
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
      uint32_t number = 0;
      if (std::from_chars(rest.data(), rest.data() + rest.size(), number).ptr != rest.data())
        names_[number] = name_of(rest);
    }
  }
  std::string name(uint32_t number) const {
    auto found = names_.find(number);
    return found == names_.end() ? std::string() : found->second;
  }

 private:
  // clang writes the folder as a string of its own in front of the name.
  static std::string name_of(std::string_view rest) {
    std::vector<std::string_view> strings;
    for (size_t begin = rest.find('"'); begin != rest.npos;) {
      size_t end = rest.find('"', begin + 1);
      if (end == rest.npos)
        break;
      strings.push_back(rest.substr(begin + 1, end - begin - 1));
      begin = rest.find('"', end + 1);
    }
    if (strings.empty())
      return {};
    std::string name(strings.back());
    if (strings.size() > 1 && !name.starts_with('/'))
      name = std::string(strings.front()) + "/" + name;
    return name;
  }

  std::map<uint32_t, std::string> names_;
};

std::string on_one_line(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\t', ' ');
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

struct Side {
  std::vector<uint32_t> stream; // statements
  std::vector<ListedStatement> listed;
};

class Lister {
 public:
  Lister(const Unit &unit, const SourceFiles &files) : unit_(unit), files_(files) {}

  Side list(AtomId id) {
    Side side;
    for (const StatementRange &range : unit_.atoms[id].ranges) {
      position_ = unit_.statements[range.begin].begin;
      for (uint32_t i = range.begin; i < range.end; i++)
        add(unit_.statements[i], i, side);
    }
    return side;
  }

 private:
  void add(const Statement &statement, uint32_t index, Side &side) {
    follow_lines(statement.begin);
    if (statement.type() == StatementKind::label) {
      std::string_view name = unit_.names.text(statement.value);
      if (is_local_label(name))
        labels_ += std::string(labels_.empty() ? "" : " ") + std::string(name) + ":";
      return;
    }
    if (!counts(statement.type()))
      return;
    side.stream.push_back(index);
    side.listed.push_back(
        {std::move(labels_), on_one_line(unit_.statement_text(statement)), "", file_, line_});
    labels_.clear();
  }

  // Takes in the .loc directives up to `offset`.
  void follow_lines(uint32_t offset) {
    std::string_view text = unit_.text;
    while (position_ < offset) {
      size_t end = std::min(text.find('\n', position_), text.size());
      std::string_view line = text.substr(position_, end - position_);
      position_ = end + 1;
      if (!line.starts_with("\t.loc"))
        continue;
      std::string_view arguments = behind_first_word(line.substr(1));
      uint32_t file = 0;
      std::from_chars(arguments.data(), arguments.data() + arguments.size(), file);
      arguments = behind_first_word(arguments);
      std::from_chars(arguments.data(), arguments.data() + arguments.size(), line_);
      file_ = files_.name(file);
    }
  }

  const Unit &unit_;
  const SourceFiles &files_;
  size_t position_ = 0;
  std::string labels_;
  std::string file_;
  uint32_t line_ = 0;
};

// Both sides in one sequence of rows; between two equal statements first what the
// original had, next to what the patched side has instead.
std::vector<ListingRow> rows_of(Side &left, Side &right, const Alignment &equal) {
  std::vector<ListingRow> rows;
  size_t i = 0;
  size_t j = 0;
  auto differing_up_to = [&](size_t i_end, size_t j_end) {
    while (i < i_end || j < j_end) {
      ListingRow row;
      if (i < i_end)
        row.original = std::move(left.listed[i++]);
      if (j < j_end)
        row.patched = std::move(right.listed[j++]);
      rows.push_back(std::move(row));
    }
  };
  for (const auto &[a, b] : equal) {
    differing_up_to(a, b);
    ListingRow row;
    row.same = true;
    row.original = std::move(left.listed[i++]);
    row.patched = std::move(right.listed[j++]);
    rows.push_back(std::move(row));
  }
  differing_up_to(left.listed.size(), right.listed.size());
  return rows;
}

// What the local constants hold that a statement refers to: the reader of
// `leaq .LC5(%rip)` wants to see the string.
std::string constants_of(const Unit &unit, AtomId self, uint32_t index) {
  std::string note;
  std::string_view text = unit.statement_text(unit.statements[index]);
  for_each_symbol(text, [&](size_t begin, size_t length) {
    AtomId atom = resolve(unit, unit.names.id(text.substr(begin, length))).atom;
    if (atom == kNone || atom == self || !is_local_constant(unit, atom))
      return;
    std::vector<uint32_t> stream = stream_of(unit, atom);
    for (size_t i = 0; i < std::min(stream.size(), kMaxConstant); i++)
      note += std::string(note.empty() ? "" : "; ") +
              on_one_line(unit.statement_text(unit.statements[stream[i]]));
    if (stream.size() > kMaxConstant)
      note += "; ...";
  });
  return note;
}

void add_notes(const Unit &unit, AtomId self, Side &side, const std::vector<bool> &equal) {
  for (size_t i = 0; i < side.stream.size(); i++)
    if (!equal[i] && unit.statements[side.stream[i]].type() == StatementKind::instruction)
      side.listed[i].note = constants_of(unit, self, side.stream[i]);
}

std::vector<ListingRow> shortened(std::vector<ListingRow> rows) {
  std::erase_if(rows, [](const ListingRow &row) {
    return row.same && row.original.text.starts_with(".cfi_");
  });
  std::vector<bool> shown(rows.size(), false);
  for (size_t i = 0; i < rows.size(); i++)
    if (!rows[i].same)
      std::fill(shown.begin() + static_cast<ptrdiff_t>(i - std::min(i, kContext)),
                shown.begin() + static_cast<ptrdiff_t>(std::min(i + kContext + 1, rows.size())),
                true);
  std::vector<ListingRow> out;
  for (size_t i = 0; i < rows.size(); i++) {
    if (shown[i])
      out.push_back(std::move(rows[i]));
    else if (!out.empty() && out.back().skipped != 0)
      out.back().skipped++;
    else
      out.emplace_back().skipped = 1;
  }
  return out;
}

void add_spans(const Side &side, std::vector<SourceSpan> &spans) {
  for (const ListedStatement &statement : side.listed) {
    if (statement.file.empty() || statement.line == 0)
      continue;
    auto known = std::find_if(spans.begin(), spans.end(),
                              [&](const SourceSpan &span) { return span.file == statement.file; });
    if (known == spans.end())
      known = spans.insert(spans.end(), {statement.file, statement.line, statement.line});
    known->first = std::min(known->first, statement.line);
    known->last = std::max(known->last, statement.line);
  }
}

bool shows_a_difference(const std::vector<ListingRow> &rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const ListingRow &row) { return row.skipped == 0; });
}

} // namespace

FunctionListing list_function(const Unit &original, const Unit &patched, Comparison &comparison,
                              const ChangedFunction &function) {
  SourceFiles original_files(original);
  SourceFiles patched_files(patched);
  FunctionListing listing;
  auto part = [&](AtomId a, AtomId b, Jumps jumps) {
    Side left = a == kNone ? Side() : Lister(original, original_files).list(a);
    Side right = b == kNone ? Side() : Lister(patched, patched_files).list(b);
    add_spans(left, listing.original_source);
    add_spans(right, listing.patched_source);
    Alignment equal = align(left.stream.size(), right.stream.size(), [&](size_t i, size_t j) {
      return same_statement(original, patched, comparison, a, left.stream[i], b, right.stream[j],
                            jumps);
    });
    std::vector<bool> left_equal(left.stream.size(), false);
    std::vector<bool> right_equal(right.stream.size(), false);
    for (const auto &[i, j] : equal)
      left_equal[i] = right_equal[j] = true;
    add_notes(original, a, left, left_equal);
    add_notes(patched, b, right, right_equal);
    std::vector<ListingRow> rows = shortened(rows_of(left, right, equal));
    return shows_a_difference(rows) ? rows : std::vector<ListingRow>();
  };
  // When nothing but jumps differs, they are what there is to see.
  for (Jumps jumps : {Jumps::loose, Jumps::exact}) {
    listing.body = part(function.original, function.patched, jumps);
    listing.cold =
        part(original.atoms[function.original].cold, patched.atoms[function.patched].cold, jumps);
    if (!listing.body.empty() || !listing.cold.empty())
      break;
  }
  return listing;
}

} // namespace care::gensrc
