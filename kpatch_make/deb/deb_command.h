// SPDX-License-Identifier: GPL-2.0-or-later
//
// `kpatch_make deb`: a Debian source package and a fix in, a bundle out. It makes the two
// trees and the place where dpkg-buildpackage finds what Debian's build machines have;
// from there on it is the same work as for any other tree (make_run.h).
#pragma once

namespace care::make {

int run_deb_command(int argc, char **argv);

} // namespace care::make
