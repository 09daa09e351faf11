// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/fixes.h"

#include <algorithm>
#include <filesystem>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"
#include "packaging/kpatch_make/fix_parts.h"

namespace care {

namespace {

enum class Direction { in, out };

// A fix as patch(1) gets it, by a path that its child can open.
struct ReadFix {
  std::string patch; // its file, for messages
  std::vector<FixPart> parts;
  Fd shortened; // what is left of it; empty when that is the whole
};

ReadFix read_fix(const std::string &patch, const FixReading &reading) {
  ReadFix fix{patch, split_fix(read_file(patch)), {}};
  std::string left, binary;
  bool any = false;
  for (const FixPart &part : fix.parts) {
    bool skipped = !part.file.empty() && is_skipped(part.file, reading.skip);
    if (!skipped && !part.binary) {
      left += part.text;
      any = any || !part.file.empty();
    } else if (!skipped) {
      binary += (binary.empty() ? "" : ", ") + part.file;
    }
  }
  bool whole = std::all_of(fix.parts.begin(), fix.parts.end(), [&](const FixPart &part) {
    return !part.binary && !is_skipped(part.file, reading.skip);
  });
  if (whole)
    return fix;
  if (!binary.empty())
    log_warning("{}: left out what it does to binary files, which patch(1) cannot do: {}", patch,
                binary);
  if (!any)
    throw error(ExitCode::usage, "{} changes nothing but what is left out of it", patch);
  fix.shortened = Fd(memfd_create("fix", MFD_CLOEXEC));
  if (!fix.shortened)
    throw system_error(errno, "no memory for {}", patch);
  write_all(fix.shortened.get(), left, patch);
  return fix;
}

Command patch_command(const ReadFix &fix, unsigned strip, const std::string &tree,
                      Direction direction, bool dry_run) {
  Command command;
  // --forward: a fix that is in the tree already is an error, not undone; and the other
  // way round.
  command.argv = {
      "patch", fmt::format("-p{}", strip),      "--batch", "--forward", "--no-backup-if-mismatch",
      "-i",    fix.shortened ? "-" : fix.patch, "-d",      tree};
  if (fix.shortened)
    command.stdin_path = fmt::format("/proc/{}/fd/{}", getpid(), fix.shortened.get());
  if (direction == Direction::out)
    command.argv.push_back("--reverse");
  if (dry_run)
    command.argv.push_back("--dry-run");
  command.capture = true;
  return command;
}

// Files that the fix changes and the tree does not have.
std::string missing_files(const ReadFix &fix, const FixReading &reading, const std::string &tree) {
  std::string missing;
  for (const FixPart &part : fix.parts)
    if (!part.file.empty() && !part.creates && !part.binary &&
        !is_skipped(part.file, reading.skip) && !std::filesystem::exists(tree + "/" + part.file))
      missing += (missing.empty() ? "" : ", ") + part.file;
  return missing;
}

std::string hint_for(const ReadFix &fix, const FixReading &reading, const std::string &tree) {
  std::string missing = missing_files(fix, reading, tree);
  if (!missing.empty())
    return fmt::format("the source has no {}; --skip FILE or FOLDER leaves out what a fix does to "
                       "tests, documentation and the like",
                       missing);
  return "nothing was changed; --strip-level sets N of patch -pN, --skip FILE leaves out what it "
         "does to a file";
}

// Most patches are git's or quilt's: -p1.
unsigned find_strip(const ReadFix &fix, const FixReading &reading, const std::string &tree,
                    Direction direction) {
  std::vector<unsigned> levels = {1, 0, 2, 3};
  if (reading.strip)
    levels = {*reading.strip};
  std::string first_output;
  for (unsigned level : levels) {
    Outcome outcome = run(patch_command(fix, level, tree, direction, true));
    if (outcome.ok())
      return level;
    if (first_output.empty())
      first_output = outcome.output;
  }
  Command command = patch_command(fix, levels[0], ".", direction, true);
  bool in = direction == Direction::in;
  throw error(ExitCode::bad_input, "{} {}: {} failed:\n{}", fix.patch,
              in ? "does not apply" : "cannot be taken out of the source", shell_text(command.argv),
              last_lines(first_output))
      .with_hint(in ? hint_for(fix, reading, tree)
                    : "a later patch may stand on it: name that one with -p, too");
}

void patch_tree(const std::string &patch, const FixReading &reading, const std::string &tree,
                Direction direction) {
  ReadFix fix = read_fix(patch, reading);
  unsigned level = find_strip(fix, reading, tree, direction);
  Command command = patch_command(fix, level, tree, direction, false);
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw error(ExitCode::bad_input, "{} failed:\n{}", shell_text(command.argv),
                last_lines(outcome.output));
  log_info("{}: {} with -p{}", patch, direction == Direction::in ? "applies" : "taken out", level);
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

} // namespace care
