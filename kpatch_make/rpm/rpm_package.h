// SPDX-License-Identifier: GPL-2.0-or-later
//
// kpatch_make rpm: from a source package of rpm and a fix to a bundle.
//
// %prep runs once. Its result is copied: the original build works in one copy, the
// patched one in the other, both at the path of the distribution's build machines, with
// the package's own %build and %install. So %setup and the package's own patches cannot
// come out differently, and a fix meets the sources as they are compiled.
//
// What is compared and patched is what the linker wrote. What is shipped has been through
// find-debuginfo, which strips it and gives it another build-id (of the source package's
// version and the debug information), so a patch is always made for a shipped file: one
// of --target, or one that the original build packed.
#pragma once

namespace care::make {

// The arguments behind `rpm`. Throws Error.
int make_rpm(int argc, char **argv);

} // namespace care::make
