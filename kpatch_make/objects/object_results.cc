// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/object_results.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "kpatch_make/objects/binding.h"
#include "kpatch_make/objects/object_patch.h"
#include "lib/elf/elf_file.h"
#include "lib/layout/describe.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// "dnsmasq (/usr/sbin/dnsmasq, dnsmasq-base-lua)": two packages may have one path.
std::string object_text(const PatchSummary &row) {
  return fmt::format("{} ({}{}{})", row.object, row.path, row.package.empty() ? "" : ", ",
                     row.package);
}

void refuse(PatchSummary &row, ExitCode code, const std::string &reason, const std::string &help) {
  row.verdict = ObjectVerdict::refused;
  row.bound = Bound::no;
  row.refused_code = code;
  row.reason = object_text(row) + ": " + reason;
  row.help = help;
}

// The reasons of compiled objects that are part of the link.
void refuse_for_objects(PatchSummary &row, const Link &patched, const LayoutCheck &types) {
  std::string reason;
  std::string help;
  for (const std::string &text : patched.refused) {
    size_t hint = text.find("\nhint: ");
    reason += (reason.empty() ? "" : "\n") + text.substr(0, hint);
    if (help.empty() && hint != std::string::npos)
      help = text.substr(hint + 7);
  }
  // What the assembly cannot tell: which members.
  LayoutReport layout;
  if (!types.compiled.empty() && patched.foreign.empty())
    layout = layout_of_refused(types, read_linked_changes(patched.copy), patched.refused);
  if (std::string changed = describe_layout(layout); !changed.empty())
    reason += "\nchanged types:\n" + changed;
  refuse(row, ExitCode::unsupported, reason, help);
}

void patch_or_refuse(PatchSummary &row, const Pair &pair, const std::string &target_file,
                     const PatchRequest &request) {
  if (!pair.patched.refused.empty())
    return refuse_for_objects(row, pair.patched, request.types);
  if (row.target_build_id.empty())
    return refuse(row, ExitCode::unsupported, "it changed but has no build-id",
                  "link with -Wl,--build-id: a patch finds its object by the build-id");
  try {
    make_patch(row, pair, target_file, request);
    if (row.layout.refused())
      refuse(row, ExitCode::unsupported,
             "types changed that live objects have\n" + describe_layout(row.layout),
             "a hook that sets live objects right, or --accept-layout with the reason why they "
             "are no danger");
  } catch (const std::exception &thrown) {
    Error e = as_error(thrown);
    refuse(row, e.code(), e.message(), e.hint());
  }
}

constexpr const char *kForeignHelp = "a restart of what runs it";

// Are the bytes that are loaded equal, but for the build-id?
bool same_loaded_bytes(const std::string &a, const std::string &b) {
  ElfFile first(a, Machine::any);
  ElfFile second(b, Machine::any);
  auto loaded = [](const ElfFile &elf) {
    std::map<std::string_view, std::tuple<uint64_t, uint64_t, std::string_view>> sections;
    for (const ElfSection &s : elf.sections())
      if (s.alloc() && s.size > 0 && s.name != ".note.gnu.build-id")
        sections[s.name] = {s.addr.value, s.size, s.bytes};
    return sections;
  };
  return loaded(first) == loaded(second);
}

// Nothing of its compiled code differs. Is anything else, an included file or a linker
// script?
void judge_unchanged(PatchSummary &row, const Link &original, const Link &patched) {
  row.verdict = ObjectVerdict::unchanged;
  row.reason = patched.moved_lines
                   ? "only line numbers differ"
                   : "byte-identical: all that is loaded is the same in both builds";
  if (patched.build_id == original.build_id || same_loaded_bytes(original.copy, patched.copy))
    return;
  if (!patched.foreign.empty())
    return refuse(
        row, ExitCode::unsupported,
        fmt::format("both builds differ, and it is {}, which cannot be patched", patched.foreign),
        kForeignHelp);
  try {
    ask_kpatch_tool({"check", patched.copy, "--target", original.copy, "--json"});
    if (!patched.moved_lines)
      row.reason = "the layout proof holds between both builds";
  } catch (const std::exception &e) {
    refuse(row, ExitCode::unsupported,
           fmt::format("no compiled code changed, and yet both builds differ: {}",
                       as_error(e).message()),
           "a file that the assembler includes, a linker script or a generated date: make it "
           "the same in both builds");
  }
}

// One linked object, changed or not, with what it is the rebuild of.
struct Subject {
  const Link *original = nullptr;
  const Link *patched = nullptr;
  std::string object;
  std::optional<size_t> pair; // in Pairing::changed
  Binding binding;
};

std::vector<Subject> subjects_of(const Pairing &pairing) {
  std::vector<Subject> subjects;
  for (size_t i = 0; i < pairing.changed.size(); i++) {
    const Pair &pair = pairing.changed[i];
    subjects.push_back({&pair.original, &pair.patched, pair.object, i, {}});
  }
  for (size_t i = 0; i < pairing.originals.size(); i++)
    if (!pairing.patched[i].changed)
      subjects.push_back({&pairing.originals[i],
                          &pairing.patched[i],
                          fs::path(pairing.originals[i].output).filename(),
                          std::nullopt,
                          {}});
  return subjects;
}

// A target that is surely one object's is not another's that has but the same name, and one
// that has an object's very build-id is not another's of the same content.
void choose_all(std::vector<Subject> &subjects, const std::vector<TargetFile> &targets) {
  std::set<const TargetFile *> taken, exact;
  for (Subject &s : subjects) {
    s.binding = choose_targets(*s.original, s.object, targets);
    if (s.binding.sure)
      taken.insert(s.binding.targets.begin(), s.binding.targets.end());
    for (const TargetFile *target : s.binding.targets)
      if (target->build_id == s.original->build_id)
        exact.insert(target);
  }
  for (Subject &s : subjects)
    std::erase_if(s.binding.targets, [&](const TargetFile *target) {
      return s.binding.sure ? exact.count(target) != 0 && target->build_id != s.original->build_id
                            : taken.count(target) != 0;
    });
}

class RowMaker {
 public:
  RowMaker(const Pairing &pairing, const std::vector<TargetFile> &targets,
           const PatchRequest &request)
      : pairing_(pairing), targets_(targets), request_(request) {}

  void add_as_built(const Subject &s) {
    PatchSummary row = row_of(s);
    row.target_build_id = s.original->build_id;
    row.bound = Bound::build_id;
    if (s.pair)
      for (const std::string &path : pairing_.changed[*s.pair].copies)
        row.also_at.push_back({"", path});
    judge(std::move(row), s, s.original->copy);
  }

  void add_bound(const Subject &s) {
    if (s.binding.targets.empty() && s.binding.why_none.empty())
      rows_.not_shipped.push_back(s.original->output);
    for (const TargetFile *target : s.binding.targets) {
      PatchSummary row = row_of(s);
      row.package = target->package;
      row.path = target->installed;
      row.object = fs::path(target->installed).filename();
      row.target_build_id = target->build_id;
      row.also_at = copies_of(*target);
      if (is_build_id_of(target->build_id, *s.original)) {
        row.build_id = target->build_id;
        row.bound = Bound::build_id;
      }
      judge(std::move(row), s, target->path);
    }
    if (!s.binding.targets.empty() || s.binding.why_none.empty())
      return;
    PatchSummary row = row_of(s);
    if (s.pair)
      refuse(row, ExitCode::does_not_fit, s.binding.why_none,
             "name the right one with --target FILE");
    else
      judge_unchanged(row, *s.original, *s.patched);
    rows_.rows.push_back(std::move(row));
  }

  // Of several objects of one name only one is what the target was made as.
  Rows take() {
    std::set<std::string> fitted;
    for (const PatchSummary &row : rows_.rows)
      if (row.verdict == ObjectVerdict::patched)
        fitted.insert(row.target_build_id);
    std::erase_if(rows_.rows, [&](const PatchSummary &row) {
      bool other = row.refused_code == ExitCode::does_not_fit &&
                   row.verdict == ObjectVerdict::refused && fitted.count(row.target_build_id) != 0;
      if (other)
        rows_.not_shipped.push_back(row.pair ? pairing_.changed[*row.pair].original.output
                                             : row.path);
      return other;
    });
    return std::move(rows_);
  }

 private:
  static PatchSummary row_of(const Subject &s) {
    PatchSummary row;
    row.object = s.object;
    row.path = s.original->output;
    row.build_id = s.original->build_id;
    row.pair = s.pair;
    return row;
  }

  // The other files that binding.h takes for the same. A file may be among the targets
  // twice, as itself and in its package.
  std::vector<ObjectPlace> copies_of(const TargetFile &target) const {
    std::vector<ObjectPlace> copies;
    std::set<std::string> paths = {target.installed};
    for (const TargetFile &other : targets_)
      if (!target.build_id.empty() && other.build_id == target.build_id &&
          paths.insert(other.installed).second)
        copies.push_back({other.package, other.installed});
    return copies;
  }

  void judge(PatchSummary row, const Subject &s, const std::string &target_file) {
    if (s.pair)
      patch_or_refuse(row, pairing_.changed[*s.pair], target_file, request_);
    else
      judge_unchanged(row, *s.original, *s.patched);
    rows_.rows.push_back(std::move(row));
  }

  const Pairing &pairing_;
  const std::vector<TargetFile> &targets_;
  const PatchRequest &request_;
  Rows rows_;
};

} // namespace

Rows make_rows(const Pairing &pairing, const ShippedFiles &targets, const PatchRequest &request) {
  fs::create_directories(request.folder);
  std::vector<Subject> subjects = subjects_of(pairing);
  if (targets.given)
    choose_all(subjects, targets.files);
  RowMaker maker(pairing, targets.files, request);
  for (const Subject &s : subjects)
    if (targets.given)
      maker.add_bound(s);
    else
      maker.add_as_built(s);
  return maker.take();
}

size_t count_rows(const std::vector<PatchSummary> &rows, ObjectVerdict verdict) {
  return static_cast<size_t>(std::count_if(
      rows.begin(), rows.end(), [&](const PatchSummary &row) { return row.verdict == verdict; }));
}

ExitCode code_of(const std::vector<PatchSummary> &rows) {
  size_t patched = count_rows(rows, ObjectVerdict::patched);
  if (count_rows(rows, ObjectVerdict::refused) == 0)
    return patched == 0 ? ExitCode::nothing_to_do : ExitCode::ok;
  if (patched > 0)
    return ExitCode::partial;
  bool unproved = true;
  std::optional<ExitCode> first;
  for (const PatchSummary &row : rows)
    if (row.verdict == ObjectVerdict::refused) {
      first = first.value_or(row.refused_code);
      unproved = unproved && row.refused_code == ExitCode::does_not_fit;
    }
  return unproved                           ? ExitCode::does_not_fit
         : *first == ExitCode::does_not_fit ? ExitCode::unsupported
                                            : *first;
}

Error refusal_error(const std::vector<PatchSummary> &rows) {
  std::string refusals;
  std::string help;
  std::vector<PatchSummary> refused;
  for (const PatchSummary &row : rows) {
    if (row.verdict != ObjectVerdict::refused)
      continue;
    // One library in two packages, a tree that is built twice: the same words once.
    auto words = [](const PatchSummary &one) {
      std::string object = object_text(one);
      return one.reason.starts_with(object) ? one.reason.substr(object.size()) : one.reason;
    };
    bool repeated = std::any_of(refused.begin(), refused.end(), [&](const PatchSummary &other) {
      return words(other) == words(row);
    });
    refused.push_back(row);
    refusals +=
        (refusals.empty() ? "" : "\n") + (repeated ? object_text(row) + ": the same" : row.reason);
    if (help.empty())
      help = row.help;
  }
  help += help.empty() ? "no bundle was written" : "; no bundle was written";
  if (count_rows(rows, ObjectVerdict::patched) > 0)
    help += "; --partial writes what there are patches for";
  return error(code_of(refused), "{}", refusals).with_hint(help);
}

const char *verdict_name(ObjectVerdict verdict) {
  return verdict == ObjectVerdict::patched   ? "patched"
         : verdict == ObjectVerdict::refused ? "refused"
                                             : "unchanged";
}

const char *bound_name(Bound bound) {
  switch (bound) {
  case Bound::build_id:
    return "build-id";
  case Bound::proved:
    return "proved";
  case Bound::partly:
    return "partly";
  case Bound::no:
    break;
  }
  return "no";
}

} // namespace care::make
