// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/assembler.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <unistd.h>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/change_record.h"
#include "kpatch_cc/clang_assembler.h"
#include "kpatch_cc/driver.h"
#include "kpatch_cc/find_program.h"
#include "kpatch_cc/lto_wrapper.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/original_lines.h"
#include "kpatch_cc/response_file.h"
#include "kpatch_cc/reuse.h"
#include "kpatch_cc/store.h"
#include "kpatch_cc/template_instances.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

void use_as_stdin(const std::string &path) {
  Fd fd = open_file(path, O_RDONLY);
  if (dup2(fd.get(), STDIN_FILENO) < 0)
    throw error("cannot read {}", path);
}

// The next program reads `text` from its standard input.
void provide_as_stdin(std::string_view text) {
  Fd fd(memfd_create("assembly", MFD_CLOEXEC));
  if (!fd)
    throw system_error(errno, "cannot create a file in memory");
  write_all(fd.get(), text, "a file in memory");
  if (lseek(fd.get(), 0, SEEK_SET) != 0 || dup2(fd.get(), STDIN_FILENO) < 0)
    throw system_error(errno, "cannot hand on a file in memory");
}

// The same assembler for a file of our own.
AssemblerCall assembler_call(const std::string &base) {
  return [base](const AssemblerLine &line, const std::string &input, std::string_view text) {
    std::string clang = environment(kClangVariable);
    if (!clang.empty())
      return clang_command(clang, line, input, is_clang_output(text));
    std::vector<std::string> command = assembler_arguments(line, input);
    command.insert(command.begin(), find_binutil(base));
    return command;
  };
}

// Assembles `path`, whose content is `text`, the way the caller wanted.
[[noreturn]] void assemble(const std::string &base, const AssemblerLine &line,
                           const std::string &path, std::string_view text) {
  std::string clang = environment(kClangVariable);
  if (!clang.empty()) {
    bool compiled = is_clang_output(text);
    std::string exact = compiled ? keep_encodings(read_file(path)) : "";
    if (!exact.empty())
      provide_as_stdin(exact);
    std::vector<std::string> command =
        clang_command(clang, line, exact.empty() ? path : "-", compiled);
    std::string program = command.front();
    command.erase(command.begin());
    exec_program(program, command);
  }
  if (line.from_stdin())
    use_as_stdin(path);
  exec_program(find_binutil(base), assembler_arguments(line, line.from_stdin() ? "" : path));
}

// Why this text cannot be compared, or "".
std::string refusal(const AssemblerLine &line) {
  for (std::string option : {"--32", "--x32"})
    if (std::find(line.options.begin(), line.options.end(), option) != line.options.end())
      return "-m" + option.substr(2);
  return environment(kRefusedVariable);
}

// Only these are in a syntax that kpatch_gensrc does not read. Of all other texts it can
// tell what is equal.
bool is_readable(const std::string &refused) {
  return refused != "-masm=intel";
}

std::string refusal_text(const std::string &source, const std::string &refused) {
  if (refused == "-m32" || refused == "-mx32" || refused == "-m16")
    return fmt::format("{} changed, and it is compiled with {}: there are patches for 64-bit code "
                       "only\nhint: what runs it has to be restarted",
                       source, refused);
  return fmt::format("{} changed, but code with {} cannot be compared: compile it without, or "
                     "leave this file out of the fix",
                     source, refused);
}

bool replaces_all() {
  return !environment(kAllVariable).empty();
}

Outcome run_gensrc(const Store::Pairing &pair, const std::string &original,
                   const std::string &renumbered) {
  Command command;
  command.argv = {find_sibling("KPATCH_GENSRC", "kpatch_gensrc"),
                  original,
                  pair.patched,
                  "-o",
                  pair.output,
                  "--report",
                  pair.report};
  if (!renumbered.empty())
    command.argv.insert(command.argv.end(), {"--renumbered", renumbered});
  if (replaces_all())
    command.argv.emplace_back("--all");
  command.capture = true;
  return run(command);
}

// Runs kpatch_gensrc. Where line numbers may explain a difference, runs it once more with
// the original's.
Outcome compare(const Store &store, const std::string &key, const std::string &source,
                const Store::Pairing &pair, const std::string &original) {
  Outcome outcome = run_gensrc(pair, original, "");
  bool equal = outcome.ok() &&
               std::filesystem::file_size(pair.output) == std::filesystem::file_size(original);
  if (equal || !pair.original || replaces_all())
    return outcome;
  SecondCompilation second = compile_with_original_lines(source);
  if (!second.why_not.empty())
    store.log(kStoreStrict, fmt::format("{} ({}): {}", source, key, second.why_not));
  if (!second.text)
    return outcome;
  std::string renumbered = pair.output.substr(0, pair.output.size() - 2) + ".renumbered.s";
  write_file(renumbered, *second.text);
  return run_gensrc(pair, original, renumbered);
}

// The text as it is, with a section that tells the linking kpatch_cc why the change cannot
// be carried over.
std::string with_refusal(const Store::Pairing &pair, std::string_view text,
                         const std::string &why) {
  write_file(pair.output, fmt::format("{}\n{}", text, refusal_section(why)));
  return pair.output;
}

// Runs kpatch_gensrc and returns the file to assemble. A refusal ends the compilation,
// with two exceptions: refusals are gathered (KPATCH_GATHER), or the same object was
// compiled in several versions. The latter may be a probe, which must not fail because of
// kpatch_cc. In both, the text is assembled as it is, and links that use it are refused.
std::string difference(const Store &store, const AssemblerLine &line, const std::string &key,
                       const Store::Pairing &pair, std::string_view text, const std::string &base) {
  std::string source = source_name(text).empty() ? key : source_name(text);
  std::string original = pair.original.value_or(store.folder() + "/empty.s");
  if (!pair.original) {
    store.log(kStoreNew, key);
    write_file(original, "");
  }
  std::string why = refusal(line);
  TypeObjects types;
  if (why.empty() && !replaces_all())
    types = make_type_objects(line, pair, assembler_call(base));
  if (why.empty()) {
    Outcome outcome = compare(store, key, source, pair, original);
    if (outcome.ok()) {
      pass_on(stderr, outcome.output);
      record_change(store, {key, source, pair.report, "", types});
      keep_shared_names(store, pair.report);
      return pair.output;
    }
    why =
        outcome.output.empty() ? fmt::format("exit code {}", outcome.exit_status) : outcome.output;
  } else {
    if (pair.original && !replaces_all() && is_readable(why) &&
        compare(store, key, source, pair, original).ok() && says_nothing_changed(pair.report))
      return original;
    why = refusal_text(source, why);
  }
  if (!why.empty() && why.back() == '\n')
    why.pop_back();
  record_change(store, {key, source, "", why, types});
  std::string whole = fmt::format("{} ({}): {}", source, key, why);
  if (pair.versions < 2 && !replaces_all() && environment(kGatherVariable).empty()) {
    store.log(kStoreStopped, whole);
    throw error(ExitCode::unsupported, "{}", whole);
  }
  store.log(kStoreRefused, whole);
  return replaces_all() ? pair.patched : with_refusal(pair, text, whole);
}

// The file to assemble when nothing is changed. `copy` holds the code of the input.
std::string original_input(const AssemblerLine &line, const std::string &input,
                           const std::string &copy) {
  return line.from_stdin() ? copy : input;
}

// The path at which the whole text of an object is kept. `copy` holds its code, which is the
// whole text unless there is bytecode, too.
std::string keep_whole(const std::string &copy, const FatText &fat, const std::string &text) {
  if (fat.bytecode.empty())
    return copy;
  std::string whole = copy + ".fat";
  write_file(whole, text);
  return whole;
}

void refuse_stray_partition(const Store &store, std::string_view text) {
  if (!is_partition(text))
    return;
  std::string whole = fmt::format("{}: linked with -flto, but without the linker's plugin "
                                  "(-fno-use-linker-plugin): link with it or without -flto",
                                  environment(kOutputVariable));
  store.log(kStoreStopped, whole);
  throw error(ExitCode::unsupported, "{}", whole);
}

} // namespace

int run_assembler(const std::string &name, const std::vector<std::string> &arguments) {
  Stage stage = stage_from_environment();
  std::string base = name.substr(name.rfind('/') + 1);
  AssemblerLine line = read_assembler_line(expand_responses(arguments));
  bool probe = is_probe(absolute_path(line.output)) || is_probe(environment(kOutputVariable));
  bool clang = !environment(kClangVariable).empty();
  if (stage == Stage::none || !line.simple() || (probe && !clang))
    exec_program(find_binutil(base), arguments);

  std::string input = line.from_stdin() ? "/dev/stdin" : line.inputs[0];
  std::string text = read_file(input);
  if (const std::string capture = environment(kLtoCaptureVariable); !capture.empty()) {
    keep_partition(capture, line, text);
    assemble(base, line, kept_partition(capture, line.output), text);
  }
  Store store = Store::from_environment();
  if (probe) {
    // The text from standard input is consumed: the assembler gets a copy.
    std::string path = line.from_stdin() ? store.keep_original("probe", text) : input;
    assemble(base, line, path, text);
  }
  std::string key = object_key(store, line.output, text);
  store.log(std::string(kStoreLogPrefix) + stage_name(stage), key);
  if (is_slim_lto(text)) {
    // Bytecode is compared at the link, as the assembly that lto1 makes of it.
    bool wanted = stage == Stage::original || line.from_stdin();
    std::string copy = wanted ? store.keep_original(key, text) : input;
    if (stage == Stage::original)
      record_for_reuse(store, key, line, text, copy);
    assemble(base, line, original_input(line, input, copy), text);
  }
  FatText fat = split_fat_lto(text);
  const std::string &code = fat.bytecode.empty() ? text : fat.code;
  if (stage == Stage::original) {
    std::string copy = keep_whole(store.keep_original(key, code), fat, text);
    record_for_reuse(store, key, line, text, copy);
    assemble(base, line, original_input(line, input, copy), text);
  }
  refuse_stray_partition(store, text);
  Store::Pairing pair = store.pair_patched(key, code);
  if (pair.known && !replaces_all())
    assemble(base, line, original_input(line, input, keep_whole(pair.patched, fat, text)), text);
  std::string output = difference(store, line, key, pair, code, base);
  if (!fat.bytecode.empty()) {
    write_file(output + ".fat", read_file(output) + fat.bytecode);
    output += ".fat";
  }
  assemble(base, line, output, text);
}

} // namespace care::cc
