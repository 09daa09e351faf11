// SPDX-License-Identifier: GPL-2.0-or-later
//
// A variable of the environment that has another value for as long as this lives.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace care {

class EnvironmentSet {
 public:
  EnvironmentSet(std::string name, const std::string &value) : name_(std::move(name)) {
    if (const char *before = getenv(name_.c_str()); before != nullptr)
      before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  EnvironmentSet(const EnvironmentSet &) = delete;
  EnvironmentSet &operator=(const EnvironmentSet &) = delete;
  ~EnvironmentSet() {
    if (before_)
      setenv(name_.c_str(), before_->c_str(), 1);
    else
      unsetenv(name_.c_str());
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

} // namespace care
