// SPDX-License-Identifier: GPL-2.0-or-later
//
// Standard output and standard error: everything that the programs print goes through here.
//
//     print_out("{}: applied\n", name)   a result, for people
//     print_err("{}: {}\n", tool, text)  a message
//     print_json(text)                   a result, for programs
//     pass_on(stderr, output)            another program's output, as it is
//
// Names come from processes, files and packages of strangers. A control character among
// them can move the cursor, change a terminal's title or hide what was printed before. So
// print_out() and print_err() show it escaped (printable_text()).
//
// stdio writes what is in its buffer when a program ends, and drops the error if that fails.
// run_main() (error.h) flushes before, by flush_output(), and reports the error.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace care {

// `text` with control characters, bytes that are no UTF-8, and characters that change the
// direction of text (Unicode UAX #9) written as \x1b or \u202e. Ends of lines and tabs stay.
std::string printable_text(std::string_view text);
// The same for what has to stay on one line: ends of lines and tabs are escaped too.
std::string printable_line(std::string_view text);

void print_text(std::FILE *stream, std::string_view text);

template<typename... Args>
void print_out(fmt::format_string<Args...> format, Args &&...args) {
  print_text(stdout, fmt::format(format, std::forward<Args>(args)...));
}

template<typename... Args>
void print_err(fmt::format_string<Args...> format, Args &&...args) {
  print_text(stderr, fmt::format(format, std::forward<Args>(args)...));
}

// A JSON document on standard output, with an end of line behind it. Characters that
// printable_text() would change become \uXXXX, which is the same string to a JSON parser.
void print_json(std::string_view document);

// Bytes as they are: what another program wrote for this terminal, or text with colours
// whose parts went through printable_line().
void pass_on(std::FILE *stream, std::string_view bytes);

// Writes what is in stdout's buffer. Throws Error when some of the output was lost.
void flush_output();

} // namespace care
