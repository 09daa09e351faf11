// SPDX-License-Identifier: GPL-2.0-or-later
//
// The mounts that a build's own view of the system is made of. The caller is in a mount
// namespace of its own; what is mounted goes away with it. All throw Error naming both ends.
#pragma once

#include <string>

namespace care::make {

// First: what we mount must not spread to the namespace that we came from.
void make_mounts_private();

// `from`, with what is mounted below it, appears at `to`, which exists.
void bind_mount(const std::string &from, const std::string &to);

// A new file system of `type` ("tmpfs", "proc"); `flags` and `options` are those of mount(2).
void mount_new(const char *type, const std::string &to, unsigned long flags,
               const std::string &options);

} // namespace care::make
