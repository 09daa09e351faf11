// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads a .kpatch file.
//
// A .kpatch comes from who knows where and is read by a program that runs as
// root: every offset, index and size is checked against what it points into,
// overlaps and unknown relocation types are refused, and what is returned can
// be used without further checks of that sort:
//
//   * sections lie in their groups, groups are page-aligned and in order, the
//     whole is below kMaxImageSize
//   * every relocation's place lies whole within one section that has bytes,
//     its width is known, and an inside target lies in the image (its end included)
//   * every changed function has a size, and site .. site + 5 lies within it
//   * replacements (hot and cold) lie whole in the text group
#pragma once

#include <string>
#include <string_view>

#include "lib/patchfile/patch_file.h"

namespace care {

// Throws Error: ExitCode::bad_input naming path and defect when the file is
// malformed, ExitCode::failure when it cannot be opened.
PatchFile read_patch_file(const std::string &path);

// The same for bytes in memory; `path` is for messages.
PatchFile parse_patch_file(std::string_view bytes, const std::string &path);

} // namespace care
