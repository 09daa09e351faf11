// SPDX-License-Identifier: GPL-2.0-or-later
//
// clang's own assembler behind clang's text output.
//
// With -fno-integrated-as clang writes assembly text and calls `as`, where kpatch_cc
// captures the text. GNU as encodes some things differently from clang (jump sizes,
// padding, section order). So the same clang assembles the text, with those options of
// the first call that matter to its assembler. The result is byte for byte what
// `clang -c` writes, except that with -g the debug line tables are laid out a little
// differently: there the driver compiles once more for the object (driver.cc).
//
// One rule of clang is repeated here. At -O0 (also without any -O), clang assembles
// compiled code with every jump in its long form, but not a hand-written file.
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

// `text`, written by clang, rewritten so that clang's assembler encodes it as the compiler
// encodes it without text in between; empty when nothing needs to change. Fast
// instruction selection (-O0) uses the 3-byte `shl $1, %eax`, which the assembler reads
// as the 2-byte `shl %eax`, unless the number is not known yet at that point. Other such
// pairs become bytes (address_immediate.h for one). Inline assembly stays as it is: clang
// itself reads it as text, too.
std::string keep_encodings(std::string_view text);

// `as` arguments turned into a call of the clang that `word` names, reading
// `input`. The first element is the program.
std::vector<std::string> clang_command(std::string_view word, const AssemblerLine &line,
                                       const std::string &input, bool compiled);

} // namespace care::cc
