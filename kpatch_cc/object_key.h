// SPDX-License-Identifier: GPL-2.0-or-later
//
// What makes an object of the one build the counterpart of an object of the
// other: its absolute path. Where the driver made a name up (compile and link
// in one go), the path of what it links, the operand of .file and the place in
// the driver's order take that part.
#pragma once

#include <string>
#include <string_view>

namespace care::cc {

class Store;

// `path` made absolute and free of "." and ".."; links are not followed.
// "" stays "".
std::string absolute_path(const std::string &path);

// True for what configure scripts compile to find something out: conftest of
// autoconf, CMake's try_compile, meson, qemu, waf. Such compilations never fail
// because of us: they are left as they are in both builds.
bool is_probe(std::string_view path);

// Operand of the first .file directive (the name alone), or "".
std::string source_name(std::string_view assembly);

// The key in the store for the object `output`, as `as` was told to name it.
std::string object_key(const Store &store, const std::string &output, std::string_view assembly);

} // namespace care::cc
