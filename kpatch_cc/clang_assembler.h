// SPDX-License-Identifier: GPL-2.0-or-later
//
// clang's own assembler behind clang's text output.
//
// With -fno-integrated-as clang writes assembly text and calls `as`: that is
// where we catch it. But GNU as encodes some things otherwise than clang would
// have done by itself (jump sizes, padding, section order), so the text is
// assembled by the same clang again, with those options of the first call that
// the assembler looks at. The result is byte for byte what `clang -c` writes,
// except that with -g the debug line tables are laid out a little differently:
// there the driver compiles once more for the object (driver.cc).
//
// One rule of clang has to be repeated here: at -O0 (also without any -O)
// compiled code, but not a hand-written file, is assembled with every jump in
// its long form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

struct DriverLine;
struct AssemblerLine;

// Path and options of the clang that is called now, for KPATCH_CLANG.
std::string clang_word(const std::string &clang, const DriverLine &line);

// True when `text` was written by clang (told -faddrsig), not by hand.
bool is_clang_output(std::string_view text);

// `text`, written by clang, so that its assembler encodes it as the compiler would
// have done without the detour; empty when nothing needs to change. Fast
// instruction selection (-O0) uses the 3-byte `shl $1, %eax`, whose text the
// assembler takes for the 2-byte `shl %eax`; it does not when it cannot see the
// number yet. Other such pairs become bytes (address_immediate.h for one). Inline
// assembly stays as it is: clang reads it as text by itself too.
std::string keep_encodings(std::string_view text);

// `as` arguments turned into a call of the clang that `word` names, reading
// `input`. The first element is the program.
std::vector<std::string> clang_command(std::string_view word, const AssemblerLine &line,
                                       const std::string &input, bool compiled);

} // namespace care::cc
