// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/original_lines.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <memory>
#include <string_view>
#include <sys/stat.h>

#include "kpatch_cc/driver_line.h"
#include "kpatch_cc/make_rule.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/renumber.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"
#include "lib/json/json.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

// Compiler, "clang" or "gcc", arguments; between them what no argument holds.
constexpr const char *kCompilationVariable = "KPATCH_COMPILATION";
constexpr char kSeparator = '\x1f';
// One string of the environment may have 128 KiB.
constexpr size_t kLongest = 120 << 10;

bool is_dropped(std::string_view arg) {
  static constexpr std::array<std::string_view, 7> kDropped = {"-c",  "-S",   "-M",   "-MM",
                                                               "-MD", "-MMD", "-pipe"};
  for (std::string_view dropped : kDropped)
    if (arg == dropped)
      return true;
  return arg == "-MG" || arg == "-MP" || arg.starts_with("-Wp,-M") || arg == "--" ||
         arg.starts_with("-save-temps") || arg.starts_with("--save-temps") ||
         arg.starts_with("-fdump-") || arg == "-o" || arg == "-MF" || arg == "-MT" ||
         arg == "-MQ" || arg == "-MJ" || arg == "-aux-info" ||
         (arg.starts_with("-o") && arg.size() > 2) ||
         (arg.size() > 3 && (arg.starts_with("-MF") || arg.starts_with("-MT") ||
                             arg.starts_with("-MQ") || arg.starts_with("-MJ")));
}

// What a text that is preprocessed already has in it.
bool is_for_preprocessor(std::string_view arg) {
  return arg.starts_with("-include") || arg.starts_with("-imacros") || arg.starts_with("-D") ||
         arg.starts_with("-U");
}

struct Compilation {
  std::string compiler;
  bool clang = false;
  std::vector<std::string> options; // without input and output
  std::string input;
  std::string language; // c, c++; "" when it is neither
};

std::string language_of(const std::string &compiler, const std::string &input,
                        const std::string &said) {
  if (!said.empty() && said != "none")
    return said == "c" || said == "c++" ? said : "";
  std::string suffix = fs::path(input).extension();
  if (suffix == ".c")
    return fs::path(compiler).filename().string().find("++") == std::string::npos ? "c" : "c++";
  static constexpr std::array<std::string_view, 7> kCxx = {".cc",  ".cp",  ".cxx", ".cpp",
                                                           ".CPP", ".c++", ".C"};
  for (std::string_view cxx : kCxx)
    if (suffix == cxx)
      return "c++";
  return {};
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (;;) {
    size_t end = text.find(kSeparator);
    words.emplace_back(text.substr(0, end));
    if (end == text.npos)
      return words;
    text.remove_prefix(end + 1);
  }
}

// The compilation of the input that `source` names; no input when there is none or
// more than one.
Compilation find_compilation(const std::string &source) {
  std::vector<std::string> words = split(environment(kCompilationVariable));
  Compilation result;
  if (words.size() < 3)
    return result;
  result.compiler = words[0];
  result.clang = words[1] == "clang";
  std::string said;
  size_t matches = 0;
  for (size_t i = 2; i < words.size(); i++) {
    const std::string &word = words[i];
    bool option = word.starts_with("-") && word != "-";
    bool operand = option && takes_operand(word) && i + 1 < words.size();
    if (word == "-x" && operand) {
      said = words[++i];
    } else if (!option) {
      if (fs::path(word).filename() == fs::path(source).filename()) {
        result.input = word;
        result.language = language_of(result.compiler, word, said);
        matches++;
      }
    } else if (is_dropped(word)) {
      i += operand;
    } else {
      result.options.push_back(word);
      if (operand)
        result.options.push_back(words[++i]);
    }
  }
  if (matches != 1)
    result.input.clear();
  return result;
}

class SecondCompiler {
 public:
  explicit SecondCompiler(Compilation compilation)
      : compilation_(std::move(compilation)), tree_(environment(kTreeVariable)),
        original_tree_(environment(kOriginalTreeVariable)) {}
  // Empty when no source of this compilation has other lines than before.
  std::optional<std::string> run_gcc();
  std::optional<std::string> run_clang();

 private:
  std::string original_of(const std::string &file) const;
  const LineMap *map_of(std::string_view file);
  void call(std::vector<std::string> arguments, bool compile) const;
  std::string result(const std::string &path);

  Compilation compilation_;
  std::string tree_, original_tree_;
  TempFolder scratch_{"kpatch-lines"};
  std::map<std::string, std::unique_ptr<LineMap>, std::less<>> maps_;
  bool any_ = false; // a map that is no identity
};

// Path of the file's counterpart in the original tree, or "".
std::string SecondCompiler::original_of(const std::string &file) const {
  std::error_code failure;
  std::string path = fs::weakly_canonical(absolute_path(file), failure);
  if (failure || !path.starts_with(tree_ + "/"))
    return {};
  std::string original = original_tree_ + path.substr(tree_.size());
  return fs::is_regular_file(original, failure) && fs::is_regular_file(path, failure) ? original
                                                                                      : "";
}

const LineMap *SecondCompiler::map_of(std::string_view file) {
  if (auto found = maps_.find(file); found != maps_.end())
    return found->second.get();
  std::unique_ptr<LineMap> &map = maps_[std::string(file)];
  std::string original = original_of(std::string(file));
  if (!original.empty() && read_file(original) != read_file(std::string(file)))
    map = std::make_unique<LineMap>(LineMap::between(original, std::string(file)));
  if (map && map->identity())
    map.reset();
  any_ |= map != nullptr;
  return map.get();
}

void SecondCompiler::call(std::vector<std::string> arguments, bool compile) const {
  Command command;
  command.argv = {compilation_.compiler};
  for (size_t i = 0; i < compilation_.options.size(); i++) {
    const std::string &option = compilation_.options[i];
    bool operand = takes_operand(option);
    if (compile && is_for_preprocessor(option)) {
      i += operand;
      continue;
    }
    command.argv.push_back(option);
    if (operand && i + 1 < compilation_.options.size())
      command.argv.push_back(compilation_.options[++i]);
  }
  command.argv.push_back("-w"); // the first compilation has warned
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok()) {
    std::string_view output = outcome.output;
    throw error("{}", output.substr(0, output.find('\n')));
  }
}

// __TIMESTAMP__ is the time of the file, whose original this is.
void copy_time(const std::string &from, const std::string &to) {
  struct stat info {};
  if (from.empty() || stat(from.c_str(), &info) != 0)
    return;
  std::array<timespec, 2> times = {info.st_mtim, info.st_mtim};
  utimensat(AT_FDCWD, to.c_str(), times.data(), 0);
}

std::string SecondCompiler::result(const std::string &path) {
  return true_lines(read_file(path), [this](std::string_view file) { return map_of(file); });
}

std::optional<std::string> SecondCompiler::run_gcc() {
  std::string text = scratch_ / "a.i", renumbered = scratch_ / "b.i", out = scratch_ / "b.s";
  std::vector<std::string> language = {"-x", compilation_.language};
  call({"-E", "-fdirectives-only", "-o", text, language[0], language[1], compilation_.input},
       false);
  write_file(renumbered, renumber_preprocessed(read_file(text), [this](std::string_view file) {
               return map_of(file);
             }));
  if (!any_)
    return std::nullopt;
  copy_time(original_of(compilation_.input), renumbered);
  call({"-S", "-fpreprocessed", "-fdirectives-only", "-o", out, language[0], language[1],
        renumbered},
       true);
  return result(out);
}

std::optional<std::string> SecondCompiler::run_clang() {
  std::string rule = scratch_ / "rule", overlay = scratch_ / "overlay", out = scratch_ / "b.s";
  std::vector<std::string> input = {"-x", compilation_.language, compilation_.input};
  call({"-M", "-o", rule, input[0], input[1], input[2]}, false);
  Json roots = Json::array();
  std::optional<MakeRule> read = first_make_rule(read_file(rule));
  if (!read)
    throw error("no list of what it reads");
  for (const std::string &file : read->prerequisites) {
    const LineMap *map = map_of(file);
    if (map == nullptr)
      continue;
    std::string original = original_of(file), copy = scratch_ / std::to_string(roots.size());
    write_file(copy, renumber_source(read_file(file), read_file(original), *map));
    copy_time(original, copy);
    roots.push_back({{"type", "file"}, {"name", absolute_path(file)}, {"external-contents", copy}});
  }
  if (!any_)
    return std::nullopt;
  write_file(overlay, Json{{"version", 0},
                           {"case-sensitive", "true"},
                           {"use-external-names", "false"},
                           {"roots", roots}}
                          .sorted_text());
  call({"-S", "-ivfsoverlay", overlay, "-o", out, input[0], input[1], input[2]}, false);
  return result(out);
}

} // namespace

void remember_compilation(const std::string &compiler, bool clang,
                          const std::vector<std::string> &arguments) {
  std::string text = compiler + kSeparator + (clang ? "clang" : "gcc");
  for (const std::string &argument : arguments)
    (text += kSeparator) += argument;
  if (text.size() < kLongest)
    setenv(kCompilationVariable, text.c_str(), 1);
  else
    unsetenv(kCompilationVariable);
}

SecondCompilation compile_with_original_lines(const std::string &source) {
  if (environment(kOriginalTreeVariable).empty() || environment(kTreeVariable).empty() ||
      !environment(kStrictLinesVariable).empty())
    return {};
  SecondCompilation result;
  try {
    Compilation compilation = find_compilation(source);
    if (compilation.input.empty() || compilation.language.empty()) {
      result.why_not = "its compilation is not one of a single C or C++ source";
      return result;
    }
    // These would name the temporary files in the build's dependencies.
    unsetenv("DEPENDENCIES_OUTPUT");
    unsetenv("SUNPRO_DEPENDENCIES");
    bool clang = compilation.clang;
    SecondCompiler compiler(std::move(compilation));
    result.text = clang ? compiler.run_clang() : compiler.run_gcc();
  } catch (const std::exception &e) {
    result.why_not = as_error(e).message();
  }
  return result;
}

} // namespace care::cc
