// SPDX-License-Identifier: GPL-2.0-or-later
//
// perf's symbol file for code that belongs to no file: /tmp/perf-PID.map, a line "START
// SIZE NAME" for each function (linux/tools/perf/Documentation/jit-interface.txt). perf
// looks for it in the mount namespace of the process, under its pid there.
//
// That folder is everybody's, and may be the process's own to arrange. So the file is
// reached from the process's root without following any symbolic link, and is either
// created or, where a just-in-time compiler has made one, appended to: a plain file with
// one name that belongs to root, us or the user of the process. Nothing is truncated or
// removed. A new file belongs to us, since perf takes no file of a stranger, and may be
// read by the group of the process but not by all: it tells addresses.
#pragma once

#include <string>
#include <vector>

#include "lib/base/address.h"
#include "lib/process/process.h"

namespace care::ctl {

struct NamedCode {
  RemoteRange range;
  std::string name;
};

// Adds what the file does not say yet; returns its path as the process would call it.
// Throws Error naming what is wrong with the file.
std::string write_perf_map(const Process &process, const std::vector<NamedCode> &functions);

} // namespace care::ctl
