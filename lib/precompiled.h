// SPDX-License-Identifier: GPL-2.0-or-later
//
// What most files include of the standard library and of fmt, compiled once (docs/hacking.rst,
// "Build time"). The Makefile puts it in front of every file; each file still includes
// what it uses, and compiles without this.
//
// Headers of other libraries do not belong here: a precompiled header is read whole by
// every compilation, and one with CLI11 and nlohmann-json in it costs more than it saves.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>
