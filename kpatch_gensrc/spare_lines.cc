// SPDX-License-Identifier: GPL-2.0-or-later
//
// Either result is right: both texts are compilations of the patched source. The
// renumbered one is taken unless the second compilation went astray, which shows
// in more changes than the first one has.
#include "kpatch_gensrc/spare_lines.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lib/base/error.h"

namespace care::gensrc {

namespace {

struct Attempt {
  std::optional<Generated> generated;
  std::optional<Error> refusal;
};

Attempt attempt(const AssemblyText &original, const AssemblyText &patched, Listings listings) {
  Attempt result;
  try {
    result.generated = generate(original.path, original.text, patched.path, patched.text, listings);
  } catch (const Error &e) {
    result.refusal = e;
  }
  return result;
}

// Functions that a patch has to bring.
size_t weight(const Report &report) {
  return report.changed.size() + report.new_functions.size();
}

// What `all` changes and `really` does not.
std::vector<std::string> spared_functions(const Report &all, const Report &really) {
  std::set<std::string> changed;
  for (const Report::Function &function : really.changed)
    changed.insert(function.name);
  std::vector<std::string> spared;
  for (const Report::Function &function : all.changed)
    if (changed.count(function.name) == 0)
      spared.push_back(function.name);
  return spared;
}

} // namespace

Generated generate_sparing_lines(const AssemblyText &original, const AssemblyText &patched,
                                 const AssemblyText &renumbered, Listings listings) {
  Attempt all = attempt(original, patched, listings);
  Attempt really = attempt(original, renumbered, listings);
  if (!all.generated && !really.generated)
    throw *all.refusal;
  bool worse = really.generated && all.generated &&
               weight(really.generated->report) > weight(all.generated->report);
  if (!really.generated || worse) {
    all.generated->report.notes.push_back(
        worse ? "line numbers count as changes: compiled with the original's, more functions differ"
              : "line numbers count as changes: " + really.refusal->message());
    return std::move(*all.generated);
  }
  Generated &result = *really.generated;
  if (all.generated)
    result.report.spared = spared_functions(all.generated->report, result.report);
  else
    result.report.notes.push_back("with its own line numbers the fix would be refused: " +
                                  all.refusal->message());
  if (!result.report.spared.empty())
    result.appended += fmt::format("\t.section\t.kpatch.spared,\"R\",@progbits\n\t.long\t{}\n",
                                   result.report.spared.size());
  return std::move(result);
}

} // namespace care::gensrc
