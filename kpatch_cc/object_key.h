// SPDX-License-Identifier: GPL-2.0-or-later
//
// Pairs the objects of the two builds by their absolute path. Where the driver generated
// the name (compile and link in one call), the key is made of the path of the link's
// output, the operand of .file and the object's place in the driver's order.
#pragma once

#include <string>
#include <string_view>

namespace care::cc {

class Store;

// `path` made absolute and free of "." and ".."; links are not followed.
// "" stays "".
std::string absolute_path(const std::string &path);

// True for the probes that configure scripts compile: conftest of autoconf, CMake's
// try_compile, meson, qemu, waf. A probe must never fail because of kpatch_cc: probes are
// left as they are in both builds.
bool is_probe(std::string_view path);

// Operand of the first .file directive (the name alone), or "".
std::string source_name(std::string_view assembly);

// The key in the store for the object `output`, the path that `as` writes.
std::string object_key(const Store &store, const std::string &output, std::string_view assembly);

} // namespace care::cc
