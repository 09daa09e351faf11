// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/sources/fixes.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

#include "kpatch_make/sources/fix_parts.h"
#include "kpatch_make/sources/hunk_places.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace {

enum class Direction { in, out };

// What patch(1) gets at once: a fix, or some of its parts.
struct FixStep {
  std::string patch; // its file, for messages
  std::vector<FixPart> parts;
  Fd text; // of the parts; empty when they are the whole file
};

// Parts of which each changes another file. A trial run leaves no trace, so where a file is
// changed a second time, as in several commits in a row, another step begins.
std::vector<FixStep> in_steps(const std::string &patch, const std::vector<FixPart> &parts) {
  std::vector<FixStep> steps;
  std::set<std::string> files;
  for (const FixPart &part : parts) {
    if (steps.empty() || (!part.file.empty() && !files.insert(part.file).second)) {
      steps.push_back({patch, {}, {}});
      files = {part.file};
    }
    steps.back().parts.push_back(part);
  }
  return steps;
}

void write_text(FixStep &step) {
  step.text = Fd(memfd_create("fix", MFD_CLOEXEC));
  if (!step.text)
    throw system_error(errno, "no memory for {}", step.patch);
  std::string text;
  for (const FixPart &part : step.parts)
    text += part.text;
  write_all(step.text.get(), text, step.patch);
}

std::vector<FixStep> read_fix(const std::string &patch, const FixReading &reading) {
  std::vector<FixPart> parts = split_fix(read_file(patch)), left;
  std::string binary;
  for (const FixPart &part : parts) {
    bool skipped = !part.file.empty() && is_skipped(part.file, reading.skip);
    if (!skipped && !part.binary)
      left.push_back(part);
    else if (!skipped)
      binary += (binary.empty() ? "" : ", ") + part.file;
  }
  if (!binary.empty())
    log_warning("{}: left out what it does to binary files, which patch(1) cannot do: {}", patch,
                binary);
  bool whole = left.size() == parts.size();
  if (!whole &&
      std::all_of(left.begin(), left.end(), [](const FixPart &part) { return part.file.empty(); }))
    throw error(ExitCode::usage, "{} changes nothing but what is left out of it", patch);
  std::vector<FixStep> steps = in_steps(patch, left);
  if (!whole || steps.size() > 1)
    std::for_each(steps.begin(), steps.end(), write_text);
  return steps;
}

Command patch_command(const FixStep &fix, unsigned strip, const std::string &tree,
                      Direction direction, bool dry_run) {
  Command command;
  // --forward: a fix that is in the tree already is an error, not undone; and the other
  // way round.
  command.argv = {
      "patch", fmt::format("-p{}", strip), "--batch", "--forward", "--no-backup-if-mismatch",
      "-i",    fix.text ? "-" : fix.patch, "-d",      tree};
  if (fix.text)
    command.stdin_path = fmt::format("/proc/{}/fd/{}", getpid(), fix.text.get());
  if (direction == Direction::out)
    command.argv.push_back("--reverse");
  if (dry_run)
    command.argv.push_back("--dry-run");
  command.capture = true;
  return command;
}

// Files that the fix changes and the tree does not have.
std::string missing_files(const FixStep &fix, const std::string &tree) {
  std::string missing;
  for (const FixPart &part : fix.parts)
    if (!part.file.empty() && !part.creates && !std::filesystem::exists(tree + "/" + part.file))
      missing += (missing.empty() ? "" : ", ") + part.file;
  return missing;
}

std::string hint_for(const FixStep &fix, const std::string &tree) {
  std::string missing = missing_files(fix, tree);
  if (!missing.empty())
    return fmt::format("the source has no {}; --skip FILE or FOLDER leaves out what a fix does to "
                       "tests, documentation and the like",
                       missing);
  return "nothing was changed; --strip-level sets N of patch -pN, --skip FILE leaves out what it "
         "does to a file";
}

// Hunks that go into another function than they are for; `output` is patch(1)'s, of a trial.
void check_places(const FixStep &fix, const std::string &tree, const std::string &output) {
  std::map<std::string, std::vector<MovedHunk>> moved;
  for (const MovedHunk &hunk : moved_hunks(output))
    moved[hunk.file].push_back(hunk);
  for (const auto &[file, hunks] : moved) {
    auto is_for = [&name = file](const FixPart &part) {
      return part.file == name || part.file.ends_with("/" + name) ||
             name.ends_with("/" + part.file);
    };
    if (std::count_if(fix.parts.begin(), fix.parts.end(), is_for) != 1)
      continue; // a second part is for what the first one makes of the file
    std::string text = std::find_if(fix.parts.begin(), fix.parts.end(), is_for)->text;
    for (const HunkDoubt &doubt : doubts_of(text, read_file(tree + "/" + file), hunks)) {
      if (doubt.wrong)
        throw error(ExitCode::bad_input, "{} goes into the wrong place: {}", fix.patch, doubt.text)
            .with_hint("set the hunk's line number (@@ -LINE) to that of its function");
      log_warning("{}: {}", fix.patch, doubt.text);
    }
  }
}

// Most patches are git's or quilt's: -p1.
unsigned find_strip(const FixStep &fix, std::optional<unsigned> given, const std::string &tree,
                    Direction direction) {
  std::vector<unsigned> levels = {1, 0, 2, 3};
  if (given)
    levels = {*given};
  std::string first_output;
  for (unsigned level : levels) {
    Outcome outcome = run(patch_command(fix, level, tree, direction, true));
    if (outcome.ok()) {
      if (direction == Direction::in)
        check_places(fix, tree, outcome.output);
      return level;
    }
    if (first_output.empty())
      first_output = outcome.output;
  }
  Command command = patch_command(fix, levels[0], ".", direction, true);
  bool in = direction == Direction::in;
  throw error(ExitCode::bad_input, "{} {}: {} failed:\n{}", fix.patch,
              in ? "does not apply" : "cannot be taken out of the source", shell_text(command.argv),
              last_lines(first_output))
      .with_hint(in ? hint_for(fix, tree)
                    : "a later patch may stand on it: name that one with -p, too");
}

void patch_tree(const std::string &patch, const FixReading &reading, const std::string &tree,
                Direction direction) {
  std::vector<FixStep> steps = read_fix(patch, reading);
  if (direction == Direction::out)
    std::reverse(steps.begin(), steps.end());
  std::optional<unsigned> level = reading.strip;
  for (const FixStep &step : steps) {
    level = find_strip(step, level, tree, direction);
    Command command = patch_command(step, *level, tree, direction, false);
    Outcome outcome = run(command);
    if (!outcome.ok())
      throw error(ExitCode::bad_input, "{} failed:\n{}", shell_text(command.argv),
                  last_lines(outcome.output));
    log_info("{}: {} with -p{}", patch, direction == Direction::in ? "applies" : "taken out",
             *level);
  }
}

} // namespace

std::string last_lines(std::string_view output, size_t count) {
  while (!output.empty() && output.back() == '\n')
    output.remove_suffix(1);
  size_t begin = output.size();
  while (count-- > 0 && begin != std::string_view::npos && begin != 0)
    begin = output.rfind('\n', begin - 1);
  if (begin != std::string_view::npos && begin < output.size() && output[begin] == '\n')
    begin++;
  output.remove_prefix(begin == std::string_view::npos ? 0 : begin);
  std::string text = "    ";
  for (char c : output)
    text += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return text;
}

void apply_fixes(const std::vector<std::string> &patches, const FixReading &reading,
                 const std::string &tree) {
  for (const std::string &patch : patches)
    patch_tree(patch, reading, tree, Direction::in);
}

void remove_fixes(const std::vector<std::string> &patches, const FixReading &reading,
                  const std::string &tree) {
  for (auto patch = patches.rbegin(); patch != patches.rend(); ++patch)
    patch_tree(*patch, reading, tree, Direction::out);
}

} // namespace care::make
