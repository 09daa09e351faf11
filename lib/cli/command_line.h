// SPDX-License-Identifier: GPL-2.0-or-later
//
// Command lines of our programs: options, flags, positional arguments, subcommands, help.
// CLI11 does the parsing and writes the help, in command_line.cc alone: its header takes
// seconds in each file that includes it.
//
//     CommandLine line("Patches running processes.", "libcare-ctl");
//     line.flag("-v,--verbose", verbose, "Say more");
//     CommandLine &patch = line.subcommand("patch", "Apply patches");
//     patch.option("-p,--pid", pids, "Process id").required().type_name("PID");
//     patch.on_chosen([&] { run = ...; });
//     if (std::optional<int> status = line.parse(argc, argv))
//       return *status; // --help, --version, or a mistake that was told
//
// What is bound to an option must live until parse() has returned. Texts of options are
// names as CLI11 takes them: "-p,--pid", "bundle" (positional), "bundle,--bundle" (both).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace care {

// One option, to say more of it. Refers into its CommandLine.
class CommandOption {
 public:
  explicit CommandOption(void *option) : option_(option) {}

  CommandOption &required();
  // What stands for the value in the help.
  CommandOption &type_name(const std::string &name);
  // Each occurrence takes one value; several occurrences are several values.
  CommandOption &one_value_each();
  // The value may be left out.
  CommandOption &optional_value();
  // Values in one argument are separated by `separator`.
  CommandOption &delimiter(char separator);
  // The help shows the value that is bound now as the default.
  CommandOption &show_default();
  CommandOption &range(double least, double most);
  // Not together with the other one, which must exist.
  CommandOption &excludes(const std::string &other);

 private:
  void *option_; // a CLI::Option
};

// A mistake that on_chosen() finds: "WHERE: TEXT", told as parse() tells its own.
struct CommandLineMistake : std::runtime_error {
  CommandLineMistake(std::string where, const std::string &text)
      : std::runtime_error(text), where(std::move(where)) {}
  std::string where;
};

class CommandLine {
 public:
  explicit CommandLine(const std::string &description, const std::string &name = "");
  ~CommandLine();
  CommandLine(const CommandLine &) = delete;
  CommandLine &operator=(const CommandLine &) = delete;

  // What the help shows as the program's name. With usage_is_name() it is the whole usage.
  void name(const std::string &text);
  void usage_is_name();
  void footer(const std::string &text);
  void version(const std::string &text); // --version

  CommandOption flag(const std::string &names, bool &value, const std::string &help);
  CommandOption flag(const std::string &names, int &count, const std::string &help);
  CommandOption option(const std::string &names, std::string &value, const std::string &help);
  CommandOption option(const std::string &names, std::vector<std::string> &values,
                       const std::string &help);
  CommandOption option(const std::string &names, double &value, const std::string &help);
  CommandOption option(const std::string &names, int &value, const std::string &help);
  CommandOption option(const std::string &names, unsigned &value, const std::string &help);
  CommandOption option(const std::string &names, std::optional<int> &value,
                       const std::string &help);
  CommandOption option(const std::string &names, std::optional<unsigned> &value,
                       const std::string &help);
  // One of the words that `choices` has, in capitals or not.
  template<typename Enum>
  CommandOption choice(const std::string &names, Enum &value,
                       const std::map<std::string, Enum> &choices, const std::string &help,
                       const std::string &shown_default) {
    std::map<std::string, int> numbers;
    for (const auto &[word, meaning] : choices)
      numbers[word] = static_cast<int>(meaning);
    return choice(
        names, [&value](int number) { value = static_cast<Enum>(number); }, numbers, help,
        shown_default);
  }
  // Gives an option that is there already another text.
  void describe(const std::string &option, const std::string &help);
  bool has_option(const std::string &name) const;
  bool was_given(const std::string &name) const;

  // One of the subcommands has to be chosen. Owned by this one.
  CommandLine &subcommand(const std::string &name, const std::string &description);
  // Options of this command may stand behind a subcommand too.
  void options_anywhere();
  // Called by parse() when this subcommand was chosen and its options are set.
  void on_chosen(std::function<void()> body);

  // Empty when the program is to go on. Else its exit status: 0 after --help or --version,
  // ExitCode::usage after a mistake. What there is to say was printed.
  std::optional<int> parse(int argc, const char *const *argv);
  // The same for programs that word mistakes themselves: false after --help or --version,
  // Error (usage) with CLI11's text for a mistake.
  bool parse_or_throw(int argc, const char *const *argv);

 private:
  struct Parser;
  explicit CommandLine(std::unique_ptr<Parser> parser);
  CommandOption choice(const std::string &names, std::function<void(int)> set,
                       const std::map<std::string, int> &choices, const std::string &help,
                       const std::string &shown_default);

  std::unique_ptr<Parser> parser_;
};

} // namespace care
