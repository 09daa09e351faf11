// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_gensrc/asm/join.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/asm/names.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

constexpr size_t kDigits = 4; // of the number behind a label
constexpr size_t kMaxParts = 10000;

using NameSet = std::unordered_set<std::string_view>;
using Renamed = std::unordered_map<std::string_view, std::string>;

} // namespace

// What one file says about names, .L labels left out.
struct PartNames {
  NameSet mentioned;
  NameSet defined; // labels, .set, .lcomm, .comm
  NameSet global;
  NameSet hidden;
  NameSet local_commons;

  // Global only so that another partition can reach it.
  bool is_promoted(std::string_view name) const {
    return hidden.count(name) != 0 && defined.count(name) != 0;
  }
};

namespace {

// Cuts the labels off the front of `statement`, calling use(label) for each.
template<typename Use>
void for_each_label(std::string_view &statement, Use &&use) {
  size_t behind = 0;
  while (size_t length = label_length(statement, behind)) {
    use(statement.substr(0, length));
    statement.remove_prefix(behind);
  }
}

void note_directive(PartNames &names, std::string_view word, std::string_view arguments) {
  if (word == ".globl" || word == ".global" || word == ".weak") {
    while (!arguments.empty())
      names.global.insert(next_argument(arguments));
  } else if (word == ".set" || word == ".lcomm" || word == ".comm") {
    std::string_view name = next_argument(arguments);
    names.defined.insert(name);
    if (word == ".comm")
      names.global.insert(name);
  } else if (word == ".hidden" || word == ".internal") {
    while (!arguments.empty())
      names.hidden.insert(next_argument(arguments));
  }
}

PartNames names_of(std::string_view text) {
  PartNames names;
  StatementReader reader(text);
  std::string_view statement;
  while (reader.next(statement)) {
    for_each_label(statement, [&](std::string_view label) {
      if (!is_local_label(label) && !(label[0] >= '0' && label[0] <= '9')) {
        names.defined.insert(label);
        names.mentioned.insert(label);
      }
    });
    std::string_view word = first_word(statement);
    std::string_view arguments = behind_first_word(statement);
    if (word == ".local")
      names.local_commons.insert(next_argument(arguments));
    else
      note_directive(names, word, arguments);
    for_each_symbol(statement, [&](size_t begin, size_t length) {
      std::string_view name = statement.substr(begin, length);
      if (!is_local_label(name) && name[0] != '"')
        names.mentioned.insert(name);
    });
  }
  for (std::string_view name : names.local_commons)
    names.global.erase(name);
  return names;
}

std::string own_symbol(std::string_view name, size_t part) {
  return fmt::format("{}.lto_priv.9{:04}", name, part);
}

// The group's name when `statement` enters a COMDAT section, else "".
std::string_view comdat_group(std::string_view word, std::string_view arguments) {
  if (word != ".section" || !arguments.ends_with(",comdat"))
    return {};
  std::string_view argument;
  for (int i = 0; i < 4; i++)
    argument = next_argument(arguments);
  return argument;
}

// A static variable is a local common symbol as long as one partition uses it, and
// lies in .bss otherwise: here it always does. `arguments`: SIZE, ALIGNMENT.
std::string zeroed(std::string_view name, std::string_view arguments) {
  std::string_view size = next_argument(arguments);
  std::string_view alignment = next_argument(arguments);
  return fmt::format(".pushsection .bss; .balign {}; {}: .zero\t{}; .popsection",
                     alignment.empty() ? "1" : alignment, name, size);
}

// What stands in the joined text for a statement that only partitioning explains;
// "" for any other.
std::string replacement(std::string_view statement, const PartNames &names,
                        const Renamed &renamed) {
  std::string_view word = first_word(statement);
  std::string_view arguments = behind_first_word(statement);
  if (word == ".globl" && names.is_promoted(arguments))
    return "# .globl";
  if (word != ".comm")
    return {};
  std::string_view name = next_argument(arguments);
  if (names.local_commons.count(name) == 0)
    return {};
  Renamed::const_iterator found = renamed.find(name);
  return zeroed(found == renamed.end() ? name : std::string_view(found->second), arguments);
}

bool changes_section(std::string_view word) {
  return word == ".section" || word == ".text" || word == ".data" || word == ".bss" ||
         word == ".pushsection" || word == ".popsection" || word == ".previous";
}

} // namespace

JoinedParts::JoinedParts(std::vector<Part> parts) : parts_(std::move(parts)) {
  if (parts_.size() >= kMaxParts)
    throw error(ExitCode::unsupported, "{} files to join", parts_.size());
  std::vector<PartNames> names;
  std::unordered_map<std::string_view, size_t> mentions;
  size_t size = 0;
  for (const Part &part : parts_) {
    names.push_back(names_of(part.text));
    for (std::string_view name : names.back().mentioned)
      mentions[name]++;
    size += part.text.size() + part.text.size() / 8;
  }
  text_.reserve(size);
  std::vector<std::string_view> groups;
  for (size_t i = 0; i < parts_.size(); i++) {
    Renamed renamed;
    for (std::string_view name : names[i].defined) {
      if (names[i].global.count(name))
        continue;
      // foo.cold is found by the name of foo.
      std::string_view hot = hot_name(name);
      bool by_hot = !hot.empty() && names[i].defined.count(hot) && !names[i].global.count(hot);
      std::string joined(name);
      if (by_hot && mentions[hot] > 1)
        joined = own_symbol(hot, i) + std::string(name.substr(hot.size()));
      else if (mentions[name] > 1)
        joined = own_symbol(name, i);
      if (joined != name)
        renamed.emplace(name, joined);
      locals_.emplace(joined, Local{i, std::string(name)});
    }
    join(i, names[i], renamed, groups);
  }
}

void JoinedParts::join(size_t number, const PartNames &names, const Renamed &renamed,
                       std::vector<std::string_view> &groups) {
  std::string_view text = parts_[number].text;
  std::string digits = fmt::format("{:04}", number);
  std::vector<std::string_view> own_groups;
  text_ += fmt::format("\n\t.text{}{}\n", kPartMark, parts_[number].path);
  const char *done = text.data();
  bool again = false; // in a COMDAT section that an earlier part brought
  auto rename = [&](std::string_view name) {
    Renamed::const_iterator found = renamed.find(name);
    bool label = is_local_label(name);
    if (!label && found == renamed.end())
      return;
    text_.append(done, name.data() + (label ? name.size() : 0));
    text_ += label ? digits : found->second;
    done = name.data() + name.size();
  };
  StatementReader reader(text);
  std::string_view statement;
  while (reader.next(statement)) {
    std::string_view whole = statement;
    for_each_label(statement, [&](std::string_view label) {
      if (!again)
        rename(label);
    });
    std::string_view word = first_word(statement);
    if (changes_section(word)) {
      std::string_view group = comdat_group(word, behind_first_word(statement));
      again = !group.empty() && std::find(groups.begin(), groups.end(), group) != groups.end();
      if (!group.empty())
        own_groups.push_back(group);
    } else if (again) {
      text_.append(done, whole.data());
      done = whole.data() + whole.size();
      continue;
    }
    std::string other = replacement(statement, names, renamed);
    if (!other.empty()) {
      text_.append(done, statement.data()).append(other);
      done = statement.data() + statement.size();
      continue;
    }
    for_each_symbol(statement,
                    [&](size_t begin, size_t length) { rename(statement.substr(begin, length)); });
  }
  text_.append(done, text.data() + text.size());
  groups.insert(groups.end(), own_groups.begin(), own_groups.end());
}

const JoinedParts::Local *JoinedParts::local(std::string_view joined, Local &buffer) const {
  if (!is_local_label(joined)) {
    auto found = locals_.find(std::string(joined));
    return found == locals_.end() ? nullptr : &found->second;
  }
  std::string_view digits = joined.substr(joined.size() - std::min(kDigits, joined.size()));
  size_t number = kMaxParts;
  const char *end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, number).ptr != end || number >= parts_.size())
    throw error("{} is no label of a joined file", joined);
  buffer = {number, std::string(joined.substr(0, joined.size() - kDigits))};
  return &buffer;
}

std::vector<std::string> JoinedParts::split(std::string_view appended) const {
  std::vector<std::string> texts(parts_.size());
  if (appended.empty() || texts.empty())
    return texts;
  NameSet own; // labels of the appended text itself
  std::string_view statement;
  for (StatementReader reader(appended); reader.next(statement);)
    for_each_label(statement, [&](std::string_view label) { own.insert(label); });
  std::set<std::string> aliases;
  std::string &out = texts[0];
  const char *done = appended.data();
  Local buffer;
  auto replace = [&](std::string_view joined) {
    if (joined[0] == '"' || own.count(joined))
      return;
    const Local *found = local(joined, buffer);
    if (found == nullptr)
      return;
    std::string name = found->name;
    if (found->part != 0) {
      name = fmt::format("kpatch{}{}.{}", name[0] == '.' ? "" : ".", found->name, found->part);
      if (aliases.insert(name).second)
        texts[found->part] +=
            fmt::format("\t.set\t{0}, {1}\n\t.globl\t{0}\n\t.hidden\t{0}\n", name, found->name);
    }
    out.append(done, joined.data());
    out += name;
    done = joined.data() + joined.size();
  };
  for (StatementReader reader(appended); reader.next(statement);) {
    for_each_label(statement, [](std::string_view) {});
    for_each_symbol(statement,
                    [&](size_t begin, size_t length) { replace(statement.substr(begin, length)); });
  }
  out.append(done, appended.data() + appended.size());
  return texts;
}

} // namespace care::gensrc
