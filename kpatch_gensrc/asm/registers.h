// SPDX-License-Identifier: GPL-2.0-or-later
//
// General purpose registers by name, as far as choosing a scratch register needs.
#pragma once

#include <string>
#include <string_view>

namespace care::gensrc {

// "%rax" for "%eax", "%ah", "%rax"; "%r8" for "%r8b". Empty for what is no general
// purpose register (%xmm0, %cr0, %st, %rip).
std::string_view whole_register(std::string_view name);

// Width in bits of a general purpose register, 0 for others.
int register_bits(std::string_view name);

// %ah, %bh, %ch, %dh: an instruction with one of them can take no REX prefix, hence
// no %r8 to %r15.
bool is_high_byte(std::string_view name);

// Does `text` name `whole` (a 64-bit register) under any of its names?
bool mentions_register(std::string_view text, std::string_view whole);

} // namespace care::gensrc
