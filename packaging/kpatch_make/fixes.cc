// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/fixes.h"

#include "lib/base/error.h"
#include "lib/base/log.h"
#include "lib/base/subprocess.h"

namespace care {

namespace {

Command patch_command(const std::string &patch, unsigned strip, const std::string &tree,
                      bool dry_run) {
  Command command;
  // --forward: a fix that is in the tree already is an error, not undone.
  command.argv = {"patch",
                  fmt::format("-p{}", strip),
                  "--batch",
                  "--forward",
                  "--no-backup-if-mismatch",
                  "-i",
                  patch,
                  "-d",
                  tree};
  if (dry_run)
    command.argv.push_back("--dry-run");
  command.capture = true;
  return command;
}

// Most patches are git's or quilt's: -p1.
unsigned find_strip(const std::string &patch, std::optional<unsigned> given,
                    const std::string &tree) {
  std::vector<unsigned> levels = {1, 0, 2, 3};
  if (given)
    levels = {*given};
  std::string first_output;
  for (unsigned level : levels) {
    Outcome outcome = run(patch_command(patch, level, tree, true));
    if (outcome.ok())
      return level;
    if (first_output.empty())
      first_output = outcome.output;
  }
  Command command = patch_command(patch, levels[0], ".", true);
  throw error(ExitCode::bad_input, "{} does not apply: {} failed:\n{}", patch,
              shell_text(command.argv), last_lines(first_output))
      .with_hint("nothing was changed; --strip-level sets N of patch -pN");
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
  for (const std::string &patch : patches) {
    unsigned level = find_strip(patch, strip, tree);
    Command command = patch_command(patch, level, tree, false);
    Outcome outcome = run(command);
    if (!outcome.ok())
      throw error(ExitCode::bad_input, "{} failed:\n{}", shell_text(command.argv),
                  last_lines(outcome.output));
    log_info("{}: applies with -p{}", patch, level);
  }
}

} // namespace care
