// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/cli/command_line.h"

#include <sstream>

#include <CLI/CLI.hpp>

#include "lib/base/error.h"
#include "lib/base/print.h"

namespace care {

namespace {

CLI::Option &library_option(void *option) {
  return *static_cast<CLI::Option *>(option);
}

// A name that holds the whole usage; CLI11 would add its own.
class UsageFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App *, std::string name) const override {
    return "Usage: " + name + "\n";
  }
};

// What CLI11 has to say about `end` goes where our output goes.
int tell(const CLI::App &app, const CLI::ParseError &end) {
  std::ostringstream out, err;
  int status = app.exit(end, out, err);
  print_text(stdout, out.str());
  print_text(stderr, err.str());
  return status == 0 ? 0 : static_cast<int>(ExitCode::usage);
}

} // namespace

// ---- options --------------------------------------------------------------------------

CommandOption &CommandOption::required() {
  library_option(option_).required();
  return *this;
}

CommandOption &CommandOption::type_name(const std::string &name) {
  library_option(option_).type_name(name);
  return *this;
}

CommandOption &CommandOption::one_value_each() {
  library_option(option_).allow_extra_args(false);
  return *this;
}

CommandOption &CommandOption::optional_value() {
  library_option(option_).expected(0, 1);
  return *this;
}

CommandOption &CommandOption::delimiter(char separator) {
  library_option(option_).delimiter(separator);
  return *this;
}

CommandOption &CommandOption::show_default() {
  library_option(option_).capture_default_str();
  return *this;
}

CommandOption &CommandOption::range(double least, double most) {
  library_option(option_).check(CLI::Range(least, most));
  return *this;
}

CommandOption &CommandOption::excludes(const std::string &other) {
  library_option(option_).excludes(other);
  return *this;
}

// ---- command lines --------------------------------------------------------------------

struct CommandLine::Parser {
  std::unique_ptr<CLI::App> own; // null for a subcommand: its parent owns that
  CLI::App *app = nullptr;
  std::vector<std::unique_ptr<CommandLine>> subcommands{};

  template<typename T>
  CommandOption add(const std::string &names, T &value, const std::string &help) {
    return CommandOption(app->add_option(names, value, help));
  }
};

CommandLine::CommandLine(const std::string &description, const std::string &name)
    : parser_(std::make_unique<Parser>()) {
  parser_->own = std::make_unique<CLI::App>(description, name);
  parser_->app = parser_->own.get();
}

CommandLine::CommandLine(std::unique_ptr<Parser> parser) : parser_(std::move(parser)) {}
CommandLine::~CommandLine() = default;

void CommandLine::name(const std::string &text) {
  parser_->app->name(text);
}

void CommandLine::usage_is_name() {
  parser_->app->formatter(std::make_shared<UsageFormatter>());
}

void CommandLine::footer(const std::string &text) {
  parser_->app->footer(text);
}

void CommandLine::version(const std::string &text) {
  parser_->app->set_version_flag("--version", text);
}

CommandOption CommandLine::flag(const std::string &names, bool &value, const std::string &help) {
  return CommandOption(parser_->app->add_flag(names, value, help));
}

CommandOption CommandLine::flag(const std::string &names, int &count, const std::string &help) {
  return CommandOption(parser_->app->add_flag(names, count, help));
}

CommandOption CommandLine::option(const std::string &names, std::string &value,
                                  const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::option(const std::string &names, std::vector<std::string> &values,
                                  const std::string &help) {
  return parser_->add(names, values, help);
}

CommandOption CommandLine::option(const std::string &names, double &value,
                                  const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::option(const std::string &names, int &value, const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::option(const std::string &names, unsigned &value,
                                  const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::option(const std::string &names, std::optional<int> &value,
                                  const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::option(const std::string &names, std::optional<unsigned> &value,
                                  const std::string &help) {
  return parser_->add(names, value, help);
}

CommandOption CommandLine::choice(const std::string &names, std::function<void(int)> set,
                                  const std::map<std::string, int> &choices,
                                  const std::string &help, const std::string &shown_default) {
  CLI::Option *option = parser_->app->add_option_function<int>(names, std::move(set), help);
  option->transform(CLI::CheckedTransformer(choices, CLI::ignore_case).description(""));
  option->default_str(shown_default);
  return CommandOption(option);
}

void CommandLine::describe(const std::string &option, const std::string &help) {
  parser_->app->get_option(option)->description(help);
}

bool CommandLine::has_option(const std::string &name) const {
  return parser_->app->get_option_no_throw(name) != nullptr;
}

bool CommandLine::was_given(const std::string &name) const {
  return parser_->app->count(name) != 0;
}

CommandLine &CommandLine::subcommand(const std::string &name, const std::string &description) {
  parser_->app->require_subcommand(1);
  auto parser = std::make_unique<Parser>();
  parser->app = parser_->app->add_subcommand(name, description);
  parser_->subcommands.emplace_back(new CommandLine(std::move(parser)));
  return *parser_->subcommands.back();
}

void CommandLine::options_anywhere() {
  parser_->app->fallthrough();
}

void CommandLine::on_chosen(std::function<void()> body) {
  parser_->app->callback([body = std::move(body)] {
    try {
      body();
    } catch (const CommandLineMistake &mistake) {
      throw CLI::ValidationError(mistake.where, mistake.what());
    }
  });
}

std::optional<int> CommandLine::parse(int argc, const char *const *argv) {
  try {
    parser_->app->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError &end) {
    return tell(*parser_->app, end);
  }
}

bool CommandLine::parse_or_throw(int argc, const char *const *argv) {
  try {
    parser_->app->parse(argc, argv);
    return true;
  } catch (const CLI::Success &done) {
    tell(*parser_->app, done);
    return false;
  } catch (const CLI::ParseError &mistake) {
    throw Error(mistake.what(), ExitCode::usage);
  }
}

} // namespace care
