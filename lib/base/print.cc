// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/print.h"

#include <cerrno>
#include <cstdint>
#include <optional>

#include "lib/base/error.h"

namespace care {

namespace {

// A character of a UTF-8 text (RFC 3629): its code point and how many bytes it takes.
struct Character {
  uint32_t code = 0;
  size_t size = 0;
};

// Empty when the bytes at the front are no character: overlong forms, surrogates and what
// is cut off among them.
std::optional<Character> first_character(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80)
    return Character{lead, 1};
  size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size)
    return std::nullopt;
  uint32_t code = lead & (0x7f >> size);
  for (size_t i = 1; i < size; i++) {
    if ((byte(i) & 0xc0) != 0x80)
      return std::nullopt;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return std::nullopt;
  return Character{code, size};
}

bool is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

// Embeddings, overrides and isolates, and the separators that some terminals take for the
// end of a line.
bool changes_layout(uint32_t code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
         code == 0x2028 || code == 0x2029;
}

std::string escaped_byte(unsigned char byte) {
  return fmt::format("\\x{:02x}", byte);
}

// `keep`: control characters that stay. `escape` writes one of the others.
template<typename Escape>
std::string cleaned(std::string_view text, std::string_view keep, Escape &&escape) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    std::optional<Character> character = first_character(text);
    size_t size = character ? character->size : 1;
    std::string_view bytes = text.substr(0, size);
    bool plain = character && !changes_layout(character->code) &&
                 (!is_control(character->code) || keep.find(bytes[0]) != std::string_view::npos);
    if (plain)
      result += bytes;
    else
      result += escape(character, bytes);
    text.remove_prefix(size);
  }
  return result;
}

std::string for_people(std::string_view text, std::string_view keep) {
  return cleaned(text, keep, [](const std::optional<Character> &character, std::string_view bytes) {
    return !character || character->code < 0x80 ? escaped_byte(static_cast<unsigned char>(bytes[0]))
                                                : fmt::format("\\u{:04x}", character->code);
  });
}

} // namespace

std::string printable_text(std::string_view text) {
  return for_people(text, "\n\t");
}

std::string printable_line(std::string_view text) {
  return for_people(text, "");
}

void pass_on(std::FILE *stream, std::string_view bytes) {
  // What cannot be written is seen in flush_output().
  (void)std::fwrite(bytes.data(), 1, bytes.size(), stream);
}

void print_text(std::FILE *stream, std::string_view text) {
  pass_on(stream, printable_text(text));
}

void print_json(std::string_view document) {
  // The serializer replaces what is no UTF-8; should a byte of the kind come all the same,
  // it becomes the replacement character.
  std::string text =
      cleaned(document, "\n", [](const std::optional<Character> &character, std::string_view) {
        return fmt::format("\\u{:04x}", character ? character->code : 0xfffd);
      });
  pass_on(stdout, text + "\n");
}

void flush_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw error("cannot write to standard output{}",
                errno == 0 ? std::string() : ": " + errno_text(errno));
}

} // namespace care
