// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/fixes.h"

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"

namespace care {

namespace {

enum class Direction { in, out };

Command patch_command(const std::string &patch, unsigned strip, const std::string &tree,
                      Direction direction, bool dry_run) {
  Command command;
  // --forward: a fix that is in the tree already is an error, not undone; and the other
  // way round.
  command.argv = {"patch",
                  fmt::format("-p{}", strip),
                  "--batch",
                  "--forward",
                  "--no-backup-if-mismatch",
                  "-i",
                  patch,
                  "-d",
                  tree};
  if (direction == Direction::out)
    command.argv.push_back("--reverse");
  if (dry_run)
    command.argv.push_back("--dry-run");
  command.capture = true;
  return command;
}

// Most patches are git's or quilt's: -p1.
unsigned find_strip(const std::string &patch, std::optional<unsigned> given,
                    const std::string &tree, Direction direction) {
  std::vector<unsigned> levels = {1, 0, 2, 3};
  if (given)
    levels = {*given};
  std::string first_output;
  for (unsigned level : levels) {
    Outcome outcome = run(patch_command(patch, level, tree, direction, true));
    if (outcome.ok())
      return level;
    if (first_output.empty())
      first_output = outcome.output;
  }
  Command command = patch_command(patch, levels[0], ".", direction, true);
  bool in = direction == Direction::in;
  throw error(ExitCode::bad_input, "{} {}: {} failed:\n{}", patch,
              in ? "does not apply" : "cannot be taken out of the source", shell_text(command.argv),
              last_lines(first_output))
      .with_hint(in ? "nothing was changed; --strip-level sets N of patch -pN"
                    : "a later patch may stand on it: name that one with -p, too");
}

void patch_tree(const std::string &patch, std::optional<unsigned> strip, const std::string &tree,
                Direction direction) {
  unsigned level = find_strip(patch, strip, tree, direction);
  Command command = patch_command(patch, level, tree, direction, false);
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

void apply_fixes(const std::vector<std::string> &patches, std::optional<unsigned> strip,
                 const std::string &tree) {
  for (const std::string &patch : patches)
    patch_tree(patch, strip, tree, Direction::in);
}

void remove_fixes(const std::vector<std::string> &patches, std::optional<unsigned> strip,
                  const std::string &tree) {
  for (auto patch = patches.rbegin(); patch != patches.rend(); ++patch)
    patch_tree(*patch, strip, tree, Direction::out);
}

} // namespace care
