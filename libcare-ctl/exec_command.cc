// SPDX-License-Identifier: GPL-2.0-or-later
//
// libcare-ctl exec: starts a program already patched.
//
// This very process becomes the program, as with env(1): its pid, parent, terminal,
// process group, open files and signals are the program's, and so is its exit status. The
// patching is done by another process, the doctor, which is forked twice so that the
// program has no child that it does not know of, attaches before the exec, and ends
// before the program's first instruction.
#include <csignal>
#include <memory>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/base/environment.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/print.h"
#include "lib/cli/command_line.h"
#include "lib/transaction/program_start.h"
#include "lib/transaction/transaction.h"
#include "libcare-ctl/command.h"

namespace care::ctl {

namespace {

constexpr int kCannotExecute = 126; // as env(1) and the shells have it
constexpr int kNotFound = 127;

struct ExecOptions {
  std::vector<std::string> bundle;
  std::vector<char *> command; // ends with a null pointer
  bool before_constructors = false;
  bool require = false;
  double hook_timeout = 1;
};

// ---- the doctor -------------------------------------------------------------------

void say(const ProcessReport &report) {
  for (const std::string &warning : report.warnings)
    log_warning("pid {} ({}): {}", report.pid, report.comm, warning);
  for (const ObjectReport &o : report.objects)
    log_info("pid {} ({}): {}: {}, {}", report.pid, report.comm, o.object, result_text(o.result),
             level_text(o.name, o.level));
}

void patch_start(ProgramStart &start, pid_t pid, const Bundle &bundle, const ExecOptions &options) {
  StartStop wanted = options.before_constructors ? StartStop::in_linker : StartStop::at_entry;
  StartStop start_stop = start.run_to(wanted);
  if (start_stop != wanted)
    log_info("process {} has no dynamic linker that can be stopped: patched at its entry", pid);
  TransactionOptions transaction;
  transaction.start_stop = start_stop;
  transaction.hook_timeout =
      std::chrono::milliseconds(static_cast<int64_t>(options.hook_timeout * 1000));
  ProcessReport report = apply_bundle(pid, bundle, transaction);
  say(report);
  if (report.objects.empty())
    throw error(
        ExitCode::nothing_to_do,
        "pid {} ({}): no object that it loads has a build-id that the bundle has a patch for", pid,
        report.comm)
        .with_hint("libraries that a program opens later are patched by `libcare-ctl patch`");
}

// Returns when the program is on its way.
void run_doctor(pid_t pid, int channel, const Bundle &bundle, const ExecOptions &options) {
  pid_t self = getpid();
  char go = 0;
  if (write(channel, &self, sizeof self) != sizeof self || read(channel, &go, 1) != 1)
    return;
  ProgramStart start(pid);
  if (write(channel, &go, 1) != 1 || !start.await_exec())
    return;
  try {
    patch_start(start, pid, bundle, options);
  } catch (const std::exception &thrown) {
    if (!options.require)
      throw;
    Error e = as_error(thrown);
    start.end(static_cast<int>(e.code()));
    throw error(e.code(), "{}", e.message()).with_hint("it was ended, as --require says");
  }
}

// What the doctor says goes to standard error, like all else but results.
[[noreturn]] void be_doctor(pid_t pid, int channel, const Bundle &bundle,
                            const ExecOptions &options) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  try {
    run_doctor(pid, channel, bundle, options);
  } catch (const std::exception &thrown) {
    Error e = as_error(thrown);
    log_warning("{}{}", e.message(), options.require ? "" : ": it runs unpatched");
    if (!e.hint().empty())
      log_warning("hint: {}", e.hint());
  }
  _exit(0);
}

// ---- the program to be ------------------------------------------------------------

// A file that gives its program rights loses them when a process without rights traces it.
bool loses_rights(const std::string &path) {
  struct stat st {};
  if (geteuid() == 0 || stat(path.c_str(), &st) != 0)
    return false;
  return (st.st_mode & (S_ISUID | S_ISGID)) != 0 ||
         getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

// Forks the doctor and waits until it has attached. Throws Error when it has not.
void start_doctor(const Bundle &bundle, const ExecOptions &options) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw system_error(errno, "socketpair");
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  pid_t self = getpid();
  pid_t between = fork();
  if (between < 0)
    throw system_error(errno, "fork");
  if (between == 0) {
    pid_t doctor = fork();
    if (doctor == 0) {
      ours = Fd();
      be_doctor(self, theirs.get(), bundle, options);
    }
    _exit(doctor < 0 ? 1 : 0);
  }
  theirs = Fd();
  while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_t doctor = 0;
  char go = 'g';
  bool ready = false;
  if (read(ours.get(), &doctor, sizeof doctor) == sizeof doctor) {
    prctl(PR_SET_PTRACER, doctor, 0, 0, 0); // Yama lets only ancestors attach otherwise
    ready = write(ours.get(), &go, 1) == 1 && read(ours.get(), &go, 1) == 1;
  }
  if (!ready)
    throw error(ExitCode::no_permission, "the doctor could not attach");
}

ExitCode run_exec(const ExecOptions &options) {
  Bundle bundle = read_bundle(options.bundle);
  const char *name = options.command[0];
  try {
    if (loses_rights(find_in_path(name)))
      throw error(ExitCode::no_permission,
                  "{} gets rights of its own when it is executed, and would lose them", name)
          .with_hint("run libcare-ctl as root");
    start_doctor(bundle, options);
  } catch (const std::exception &e) {
    if (options.require)
      throw;
    log_warning("{}: it runs unpatched", as_error(e).message());
  }
  execvp(name, options.command.data());
  int errnum = errno;
  print_err("libcare-ctl: {}: {}\n", name, errno_text(errnum));
  fflush(stderr);
  _exit(errnum == ENOENT ? kNotFound : kCannotExecute);
}

} // namespace

void add_exec_command(CommandLine &app, CommandRun &run, std::vector<char *> program) {
  auto options = std::make_shared<ExecOptions>();
  CommandLine &command =
      app.subcommand("exec", "Start a program already patched: exec BUNDLE... -- CMD ARGS");
  command
      .option("bundle", options->bundle,
              "A .kpatch file, or a folder of them; several make one bundle")
      .required()
      .type_name("BUNDLE");
  command.flag("--before-constructors", options->before_constructors,
               "Patch before the libraries' constructors run, not only before the program");
  command.flag("--require", options->require,
               "Do not run the program when it could not be patched");
  command
      .option("--hook-timeout", options->hook_timeout,
              "Give up when the patch's hooks take that long")
      .type_name("SECONDS")
      .range(0.0, 3600.0)
      .show_default();
  command.footer(
      "The command keeps this process's pid, files and terminal; its exit status is the\n"
      "command's, 127 when it is not found and 126 when it cannot be executed. When it\n"
      "cannot be patched it runs all the same, with a warning, unless --require is given;\n"
      "then the status is one of those below.\n"
      "\n"
      "Example:\n"
      "  libcare-ctl exec fix/ -- nginx -g 'daemon off;'\n");
  command.on_chosen([options, program, &run] {
    options->command = program;
    if (program.empty())
      throw CommandLineMistake("exec", "no command: exec BUNDLE... -- CMD ARGS");
    options->command.push_back(nullptr);
    run = [options] { return run_exec(*options); };
  });
}

} // namespace care::ctl
