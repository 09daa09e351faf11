// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a program sees that runs in a clean root: a file system of its own, made of
// read-only layers below a throw-away one, processes of its own, and no network
// unless it is there to fetch packages.
//
// All of it are namespaces of the process that enters. When its last process is gone so
// are the mounts: nothing is left to clean but folders, and no other process ever saw it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace care::make {

struct RootView {
  std::vector<std::string> lower; // folders, topmost first
  std::string place; // a folder of ours: upper/ holds what is written, the rest is overlayfs's
  // Paths that lead to the same folder inside and outside.
  std::vector<std::string> shared;
  // Other folders and where they appear inside.
  std::map<std::string, std::string> binds;
  bool network = false;

  std::string upper() const { return place + "/upper"; }
};

// To be called in a child process. It returns in a grandchild of it, which is the first
// ordinary process of the view; the caller's process waits for that and ends as it
// ended. The working folder is /. Throws Error, in whichever process it happens.
void enter_root(const RootView &view);

struct RootCommand {
  std::vector<std::string> argv;
  std::string directory = "/";
  std::map<std::string, std::string> environment; // added to root_environment()
  std::string log;      // file for its output, appended; "" leaves it ours
  bool verbose = false; // show the output, too
};

// The variables of Debian's build machines, and the proxies that are set here.
std::map<std::string, std::string> root_environment();

// Runs to the end; the exit status as a shell gives it.
int run_in_root(const RootView &view, const RootCommand &command);

} // namespace care::make
