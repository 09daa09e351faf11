// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/driver.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <unistd.h>

#include "kpatch_cc/clang_assembler.h"
#include "kpatch_cc/driver_line.h"
#include "kpatch_cc/find_program.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/original_lines.h"
#include "kpatch_cc/response_file.h"
#include "kpatch_cc/reuse.h"
#include "kpatch_cc/store.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace {

// The process id, then the compilers that this process has executed so far, a line each.
// exec keeps the id. A script in front of a compiler (c99, musl-gcc) comes back here under
// another name. Two copies of kpatch_cc in PATH would call each other for ever.
constexpr const char *kGuardVariable = "KPATCH_CC_PID";
// Set while a script runs for which kpatch_cc did clang's part already.
constexpr const char *kScriptVariable = "KPATCH_CC_SCRIPT";

// Beside bin/, in the build folder as where it is installed.
constexpr const char *kHeaderFolder = "share/libcare/include";

std::string real_name(const std::string &name, std::vector<std::string> &arguments) {
  constexpr std::string_view flag = "--real=";
  if (!arguments.empty() && arguments[0].starts_with(flag)) {
    std::string real = arguments[0].substr(flag.size());
    arguments.erase(arguments.begin());
    return real;
  }
  std::string base = name.substr(name.rfind('/') + 1);
  bool cxx = base == "kpatch_c++";
  if (!cxx && base != "kpatch_cc")
    return base;
  const char *real = getenv(cxx ? "KPATCH_REAL_CXX" : "KPATCH_REAL_CC");
  if (real != nullptr && *real != 0)
    return real;
  return cxx ? "g++" : "gcc";
}

void set_variable(const char *name, const std::string &value) {
  if (value.empty())
    unsetenv(name);
  else
    setenv(name, value.c_str(), 1);
}

// `#include <kpatch.h>` in the fix, without a word on the command line: the variables
// that gcc and clang read give folders behind all of the command line's own, as
// system folders. Ours holds this one header. An empty element means the
// current folder to them, so none is added.
constexpr std::array<const char *, 2> kHeaderVariables = {"C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"};

std::filesystem::path header_folder() {
  return std::filesystem::path(own_path()).parent_path().parent_path() / kHeaderFolder;
}

void offer_header() {
  std::string folder = header_folder();
  std::error_code ignored;
  if (stage_from_environment() != Stage::patched || !std::filesystem::exists(folder, ignored))
    return;
  for (const char *variable : kHeaderVariables) {
    std::string own = environment(variable);
    set_variable(variable, own.empty() ? folder : own + ":" + folder);
  }
}

// A script that was offered it has called us: these variables are as the build has them, or
// nothing would be used again.
void take_header_back() {
  std::string folder = header_folder();
  for (const char *variable : kHeaderVariables)
    if (std::string own = environment(variable); own == folder || own.ends_with(":" + folder))
      set_variable(variable, own.substr(0, own.size() - std::min(own.size(), folder.size() + 1)));
}

void guard_against_loop(const std::string &real) {
  std::string line = '\n' + real + '\n';
  std::string guard = environment(kGuardVariable), head = std::to_string(getpid()) + '\n';
  if (!guard.starts_with(head))
    guard = head;
  if (guard.find(line) != std::string::npos)
    throw error("{} leads back to kpatch_cc", real)
        .with_hint(
            "there are two copies of kpatch_cc in PATH; keep one, the others as links to it");
  setenv(kGuardVariable, (guard + line.substr(1)).c_str(), 1);
}

bool is_script(const std::string &path) {
  std::array<char, 2> head{};
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return fd && read(fd.get(), head.data(), head.size()) == 2 && head[0] == '#' && head[1] == '!';
}

bool is_clang(const std::string &path) {
  std::error_code ignored;
  std::string real = std::filesystem::canonical(path, ignored).filename();
  return real.find("clang") != std::string::npos;
}

void note_lto(const Store &store, const DriverLine &line) {
  if (line.probe.empty() && !is_probe(absolute_path(line.output)) && store.first_time(kStoreLto))
    print_err("kpatch_cc: note: clang's -flto is turned off in both builds\n");
}

// Describes the call to the shims in the environment.
void prepare_environment(const Store &store, const DriverLine &line) {
  // The user's own -B folders, too: gcc hands them on to its children, clang does not.
  std::string path = store.shims();
  for (const std::string &prefix : line.prefixes)
    path += ":" + prefix;
  if (const char *own = getenv("COMPILER_PATH"); own != nullptr && *own != 0)
    path += std::string(":") + own;
  setenv("COMPILER_PATH", path.c_str(), 1);

  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  setenv(kDriverVariable, fmt::format("{}-{}-{}", getpid(), now.tv_sec, now.tv_nsec).c_str(), 1);
  // `gcc conftest.c` links to a.out: the source tells that it is a probe.
  std::string output = absolute_path(!line.probe.empty()    ? line.probe
                                     : !line.output.empty() ? line.output
                                                            : "a.out");
  setenv(kOutputVariable, output.c_str(), 1);
  set_variable(kRefusedVariable, line.refused);
}

// Defines __DATE__ and __TIME__ by SOURCE_DATE_EPOCH. Otherwise every function that names
// them would differ in the second build. gcc reads the variable itself, clang only from 16
// on. Not done where the command line becomes part of the output.
std::vector<std::string> fixed_date(const std::vector<std::string> &arguments) {
  for (const std::string &argument : arguments)
    if (argument.starts_with("-grecord") || argument.starts_with("-frecord"))
      return {};
  std::string epoch = environment("SOURCE_DATE_EPOCH");
  time_t seconds = static_cast<time_t>(strtoll(epoch.c_str(), nullptr, 10));
  tm parts{};
  if (epoch.empty() || gmtime_r(&seconds, &parts) == nullptr)
    return {};
  std::array<char, 32> date{}, time{};
  strftime(date.data(), date.size(), "%b %e %Y", &parts);
  strftime(time.data(), time.size(), "%H:%M:%S", &parts);
  return {"-Wno-builtin-macro-redefined", fmt::format("-D__DATE__=\"{}\"", date.data()),
          fmt::format("-D__TIME__=\"{}\"", time.data())};
}

// `through_text`: clang writes text, which kpatch_cc's assembler reads.
void add_options(std::vector<std::string> &arguments, const DriverLine &line, const Store &store,
                 bool clang, bool through_text) {
  std::vector<std::string> last;
  if (line.lto && clang)
    last.push_back("-fno-lto");
  if (through_text) {
    last.push_back("-fno-integrated-as");
    // Without it clang writes for an old assembler, with other section flags.
    last.push_back("-fbinutils-version=none");
    // When nothing is compiled clang would warn that the option is unused. The
    // brackets (clang 14) leave warnings about the user's own options alone.
    last.insert(last.begin(), "--start-no-unused-arguments");
    last.push_back("--end-no-unused-arguments");
  }
  arguments.insert(line.double_dash ? arguments.begin() : arguments.end(), last.begin(),
                   last.end());

  std::vector<std::string> first;
  if (through_text) {
    first = {"--start-no-unused-arguments", "-faddrsig"};
    std::vector<std::string> date = fixed_date(arguments);
    first.insert(first.end(), date.begin(), date.end());
    first.emplace_back("--end-no-unused-arguments");
  }
  if (!line.prefixes.empty())
    first.push_back("-B" + store.shims());
  arguments.insert(arguments.begin(), first.begin(), first.end());
}

// With -g clang lays out its line tables differently when it assembles its own text. The
// loaded sections are equal, but the file is not, nor is its build-id. The original
// build must give the very file that runs somewhere. So clang is called twice: once only to
// capture the text, with its messages dropped, and then exactly as the build called it.
bool needs_plain_call(const DriverLine &line, bool clang) {
  return clang && line.debug_info && !line.from_stdin &&
         stage_from_environment() == Stage::original;
}

void catch_text_only(const std::string &real, std::vector<std::string> arguments,
                     const DriverLine &line, const Store &store) {
  add_options(arguments, line, store, true, true);
  Command command;
  command.argv = std::move(arguments);
  command.argv.insert(command.argv.begin(), real);
  command.capture = true;
  run(command);
}

} // namespace

void run_driver(const std::string &name, std::vector<std::string> arguments) {
  std::string real = find_compiler(real_name(name, arguments));
  guard_against_loop(real);
  if (stage_from_environment() == Stage::none)
    exec_program(real, arguments);
  take_header_back();
  std::vector<std::string> expanded = expand_responses(arguments);
  DriverLine line = read_driver_line(expanded);
  if (line.query || arguments.empty()) {
    offer_header();
    exec_program(real, arguments);
  }

  bool clang = is_clang(real), script = is_script(real);
  if (clang && !script && !environment(kScriptVariable).empty()) {
    offer_header();
    exec_program(real, arguments);
  }
  Store store = Store::from_environment();
  prepare_environment(store, line);
  set_variable(kScriptVariable, clang && script ? real : "");
  if (line.lto && clang)
    note_lto(store, line);
  set_variable(kClangVariable, clang ? clang_word(real, line) : "");
  // kpatch_cc does not know what a script does with its arguments. The compiler that the
  // script calls by name comes here again.
  if (script) {
    prevent_reuse();
  } else if (stage_from_environment() == Stage::original) {
    std::vector<std::string> added = prepare_reuse(store, real, expanded);
    arguments.insert(arguments.begin(), added.begin(), added.end());
  } else if (auto assembly = find_reusable(store, real, expanded)) {
    exec_program(store.shims() + "/as", *assembly);
  }
  offer_header();
  bool through_text = clang;
  if (needs_plain_call(line, clang)) {
    catch_text_only(real, arguments, line, store);
    unsetenv(kClangVariable);
    through_text = false;
    if (std::vector<std::string> date = fixed_date(arguments); !date.empty()) {
      date.insert(date.begin(), "--start-no-unused-arguments");
      date.emplace_back("--end-no-unused-arguments");
      arguments.insert(arguments.begin(), date.begin(), date.end());
    }
  }
  add_options(arguments, line, store, clang, through_text);
  if (stage_from_environment() == Stage::patched)
    remember_compilation(real, clang, expand_responses(arguments));
  exec_program(real, arguments);
}

} // namespace care::cc
