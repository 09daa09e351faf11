// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/patchfile/patch_file.h"

#include <algorithm>

#include <elf.h>
#include <fmt/format.h>
#include <sodium.h>

#include "lib/base/error.h"

namespace care {

namespace {

constexpr size_t kMaxPatchName = 64;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

bool valid_patch_name(std::string_view name) {
  if (name.empty())
    return true;
  return name.size() <= kMaxPatchName && is_word_character(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_word_character(c) ||
                  std::string_view("-._+").find(c) != std::string_view::npos;
         });
}

std::string level_text(std::string_view name, uint32_t level) {
  return fmt::format("{}{}level {}", name, name.empty() ? "" : " ", level);
}

std::string hex_text(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes)
    text += fmt::format("{:02x}", byte);
  return text;
}

const ImageSection *find_section(const PatchFile &patch, uint64_t offset, uint64_t size) {
  for (const ImageSection &s : patch.sections)
    if (offset >= s.offset && offset - s.offset <= s.size && size <= s.size - (offset - s.offset))
      return &s;
  return nullptr;
}

unsigned relocation_width(uint32_t type) {
  switch (type) {
  case R_X86_64_64:
  case R_X86_64_PC64:
  case R_X86_64_TPOFF64:
  case R_X86_64_DTPMOD64:
  case R_X86_64_DTPOFF64:
    return 8;
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
  case R_X86_64_32:
  case R_X86_64_32S:
    return 4;
  default:
    return 0;
  }
}

bool is_tls_relocation(uint32_t type) {
  return type == R_X86_64_TPOFF64 || type == R_X86_64_DTPMOD64 || type == R_X86_64_DTPOFF64;
}

std::string relocation_name(uint32_t type) {
  static constexpr const char *kNames[] = {"NONE",
                                           "64",
                                           "PC32",
                                           "GOT32",
                                           "PLT32",
                                           "COPY",
                                           "GLOB_DAT",
                                           "JUMP_SLOT",
                                           "RELATIVE",
                                           "GOTPCREL",
                                           "32",
                                           "32S",
                                           "16",
                                           "PC16",
                                           "8",
                                           "PC8",
                                           "DTPMOD64",
                                           "DTPOFF64",
                                           "TPOFF64",
                                           "TLSGD",
                                           "TLSLD",
                                           "DTPOFF32",
                                           "GOTTPOFF",
                                           "TPOFF32",
                                           "PC64",
                                           "GOTOFF64",
                                           "GOTPC32",
                                           "GOT64",
                                           "GOTPCREL64",
                                           "GOTPC64",
                                           "GOTPLT64",
                                           "PLTOFF64",
                                           "SIZE32",
                                           "SIZE64",
                                           "GOTPC32_TLSDESC",
                                           "TLSDESC_CALL",
                                           "TLSDESC",
                                           "IRELATIVE",
                                           "RELATIVE64",
                                           "",
                                           "",
                                           "GOTPCRELX",
                                           "REX_GOTPCRELX"};
  if (type < std::size(kNames) && *kNames[type])
    return fmt::format("R_X86_64_{}", kNames[type]);
  return fmt::format("relocation type {}", type);
}

const char *mark_name(MarkKind kind) {
  switch (kind) {
  case MarkKind::pre_apply:
    return "pre-apply hook";
  case MarkKind::post_apply:
    return "post-apply hook";
  case MarkKind::pre_undo:
    return "pre-undo hook";
  case MarkKind::post_undo:
    return "post-undo hook";
  case MarkKind::shadow_table:
    return "shadow table";
  case MarkKind::ignore:
    return "ignored variable";
  case MarkKind::unsafe:
    return "unsafe function";
  case MarkKind::coroutine:
    return "coroutine";
  }
  return "?";
}

Digest digest_of(std::string_view bytes) {
  if (sodium_init() < 0)
    throw error("libsodium cannot be initialised");
  Digest digest{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), nullptr,
                     0);
  return digest;
}

std::string hex_text(const Digest &digest) {
  return hex_text(std::string_view(reinterpret_cast<const char *>(digest.data()), digest.size()));
}

} // namespace care
