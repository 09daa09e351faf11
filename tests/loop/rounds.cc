// SPDX-License-Identifier: GPL-2.0-or-later
//
// rounds PID N OLD NEW: patches a process with the bundle OLD, replaces it by NEW, and
// takes it out again, N times, in one doctor. Then compares what the kernel says about
// the process, and about this doctor, with what it said after the first rounds.
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/transaction/transaction.h"

namespace care {

namespace {

constexpr int kWarmUp = 20; // until heaps and caches have their size

// What a leak would change.
struct Footprint {
  std::string maps;
  std::string size; // VmSize
  size_t files = 0;
  bool operator==(const Footprint &) const = default;
};

std::string line_of(const std::string &text, const std::string &key) {
  size_t at = text.find(key);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

Footprint footprint(pid_t pid) {
  Footprint f;
  std::string folder = fmt::format("/proc/{}", pid);
  std::string rest = read_file(folder + "/maps");
  for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    f.maps += rest.substr(0, end + 1);
    rest.erase(0, end + 1);
  }
  f.size = line_of(read_file(folder + "/status"), "VmSize:");
  for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(folder + "/fd"))
    f.files++;
  return f;
}

void one_round(pid_t pid, const Bundle &old_bundle, const Bundle &new_bundle) {
  TransactionOptions options;
  options.timeout = std::chrono::milliseconds(60000);
  for (const Bundle *bundle : {&old_bundle, &new_bundle}) {
    ProcessReport report = apply_bundle(pid, *bundle, options);
    if (report.objects.empty() || !report.warnings.empty())
      throw error("patch: {}", report.warnings.empty() ? "nothing matched" : report.warnings[0]);
  }
  ProcessReport report = undo_patches(pid, {}, options);
  if (report.objects.empty() || !report.warnings.empty())
    throw error("unpatch: {}", report.warnings.empty() ? "nothing there" : report.warnings[0]);
}

int run(int argc, char **argv) {
  if (argc != 5)
    throw error(ExitCode::usage, "rounds PID N OLD NEW");
  pid_t pid = atoi(argv[1]);
  int rounds = atoi(argv[2]);
  Bundle old_bundle = read_bundle({argv[3]});
  Bundle new_bundle = read_bundle({argv[4]});
  Footprint target, own;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; i++) {
    if (i == kWarmUp) {
      target = footprint(pid);
      own = footprint(getpid());
    }
    with_context(fmt::format("round {}", i + 1), [&] { one_round(pid, old_bundle, new_bundle); });
  }
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  Footprint now = footprint(pid);
  if (now != target)
    throw error("the target has changed: {} -> {}, {} -> {} files, mappings before:\n{}after:\n{}",
                target.size, now.size, target.files, now.files, target.maps, now.maps);
  now = footprint(getpid());
  if (now.files != own.files || now.size != own.size)
    throw error("the doctor has grown: {} -> {}, {} -> {} files", own.size, now.size, own.files,
                now.files);
  fmt::print("{} rounds in {:.1f} s: the same mappings, {}, {} files\n", rounds, time.count(),
             target.size, target.files);
  return 0;
}

} // namespace

} // namespace care

int main(int argc, char **argv) {
  return care::run_main("rounds", care::run, argc, argv);
}
