// SPDX-License-Identifier: GPL-2.0-or-later
//
// A shared object that consists of nothing but thread-local storage.
//
// glibc gives an object that is opened late a place at a fixed distance from the
// thread pointer when the object says that it needs one (DF_STATIC_TLS): from a
// surplus that every thread has had since it began. It writes the first values into
// all threads that run, and into each one that starts later. That is what new
// thread-local variables of a patch need, so a patch brings them as such an object.
//
// It has one writable segment and no code, hence nothing for a noexec mount or a
// memory policy to object to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace care {

// Offset from the load address of the word where the dynamic linker leaves the distance
// from the thread pointer to the block's first byte.
inline constexpr uint64_t kTlsObjectWord = 0x208;

// The file. `first_values`: the block as each thread begins with it. `align` is a
// power of two, at most a page.
std::string tls_object(std::string_view first_values, uint64_t align);

} // namespace care
