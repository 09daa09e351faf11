// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/build/progress.h"

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/print.h"

namespace care::make {

Progress::Progress(std::string stage, std::string log, bool show)
    : stage_(std::move(stage)), log_(std::move(log)), line_(show && is_terminal(STDERR_FILENO)),
      begin_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  clear();
}

void Progress::clear() {
  if (shown_)
    pass_on(stderr, "\r\033[K");
  shown_ = false;
}

void Progress::read_more() {
  Fd fd(open(log_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd)
    return; // nothing compiled yet
  char buffer[4096];
  std::string fresh;
  for (ssize_t n; (n = pread(fd.get(), buffer, sizeof buffer, static_cast<off_t>(read_))) > 0;) {
    fresh.append(buffer, static_cast<size_t>(n));
    read_ += static_cast<size_t>(n);
  }
  for (size_t begin = 0, end; (end = fresh.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    count_++;
    last_ = fresh.substr(begin, end - begin);
  }
}

void Progress::update() {
  if (!line_)
    return;
  read_more();
  auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
  std::string name = last_.substr(last_.rfind('/') + 1);
  pass_on(stderr, "\r\033[K");
  print_err("{} build: {} s, {} compiled  {:.40}", stage_, seconds.count(), count_, name);
  shown_ = true;
}

size_t Progress::finish(const BuildTime &time, size_t reused) {
  read_more();
  clear();
  print_err("{} build: {:.1f} s, {:.1f} s of processor time, {} compiled{}\n", stage_, time.seconds,
            time.cpu_seconds, count_ - reused,
            reused == 0 ? "" : fmt::format(", {} taken from the original build", reused));
  return count_;
}

} // namespace care::make
