// SPDX-License-Identifier: GPL-2.0-or-later
//
// The store: the folder through which the two builds of one fix speak.
//
//     STORE/shims/as, ld, ld.bfd, ...   links to kpatch_cc, given to the driver
//     STORE/asm/KEY/object              the key in clear: which object this is
//     STORE/asm/KEY/TEXT.s              one version of its assembly, named by its hash
//     STORE/asm/KEY/original.seq        the hashes in the order of the compilations,
//     STORE/asm/KEY/patched.seq         one line of kSequenceLine bytes each
//     STORE/asm/KEY/out-TEXT.s          what kpatch_gensrc made of the patched TEXT
//     STORE/asm/KEY/report-TEXT.json  its report: what changed in TEXT, and why
//     STORE/changes/N.json         one record for each object that changed or was refused
//     STORE/asm/KEY/types-TEXT.o        TEXT assembled, when it has debug information: both
//                                       versions of an object that differs
//     STORE/asm/KEY/reuse-CALL[.d]      how to make the object again; see reuse.h
//     STORE/links/STAGE/N.json, N.elf   one record and one copy for each link
//     STORE/log.STAGE                   one line (the object) for each assembly
//     STORE/new.log                     objects that only the patched build has
//     STORE/refused.log                 refusals that did not stop the build
//     STORE/stopped.log                 refusals that did
//     STORE/reused.log                  objects that were not compiled again
//     STORE/again.log                   those that were, and why
//     STORE/strict.log                  objects whose line numbers count as code, and why
//     STORE/asm/KEY/TEXT.parts/         for a link with -flto, whose TEXT.s is a list: its
//                                       partitions N.s, N.options and other objects N.o
//     STORE/shared.log                  what new COMDAT groups are called: NAME NAME.kpatch
//     STORE/lto                         exists when clang's -flto was turned off
//
// This header is all that kpatch_make knows of kpatch_cc. Environment:
//
//     KPATCH_STAGE     configure (or unset), original, patched
//     KPATCH_STORE     the store; a folder in the user's cache when unset
//     KPATCH_GENSRC    kpatch_gensrc; the one beside kpatch_cc when unset
//     KPATCH_ALL       not empty: the patched build replaces every function (a test)
//     KPATCH_TREE      the source tree, and a copy of it after the original build: where
//     KPATCH_ORIGINAL_TREE  both are given, moved lines are no changes (original_lines.h),
//                      and unchanged sources are not compiled again (reuse.h)
//     KPATCH_STRICT_LINES  not empty: moved lines are changes
//     KPATCH_GATHER    not empty: a refusal does not end the build. The object is assembled
//                      as it is, with the reason in it: whatever is linked with it is refused
//     KPATCH_REAL_CC   what `kpatch_cc` itself stands for; gcc when unset
//     KPATCH_REAL_CXX  what `kpatch_c++` stands for; g++ when unset
#pragma once

#include <cstddef>

namespace care {

inline constexpr const char *kStageVariable = "KPATCH_STAGE";
inline constexpr const char *kStoreVariable = "KPATCH_STORE";
inline constexpr const char *kStrictLinesVariable = "KPATCH_STRICT_LINES";
inline constexpr const char *kGatherVariable = "KPATCH_GATHER";
inline constexpr const char *kAllVariable = "KPATCH_ALL";
inline constexpr const char *kTreeVariable = "KPATCH_TREE";
inline constexpr const char *kOriginalTreeVariable = "KPATCH_ORIGINAL_TREE";
inline constexpr const char *kStageConfigure = "configure"; // compilers do as always
inline constexpr const char *kStageOriginal = "original";
inline constexpr const char *kStagePatched = "patched";

// In a patched object that cannot be carried over (not loaded): why, zero-terminated.
inline constexpr const char *kRefusedSection = ".kpatch.refused";

inline constexpr const char *kStoreChanges = "changes";
// Not lto-wrapper: the compiler driver would find it in the shims' folder.
inline constexpr const char *kLtoWrapperName = "kpatch-lto-wrapper";

inline constexpr const char *kStoreLinks = "links";
inline constexpr const char *kStoreLogPrefix = "log.";
inline constexpr const char *kStoreNew = "new.log";
inline constexpr const char *kStoreRefused = "refused.log";
inline constexpr const char *kStoreStopped = "stopped.log";
inline constexpr const char *kStoreReused = "reused.log";
inline constexpr const char *kStoreAgain = "again.log";
inline constexpr const char *kStoreStrict = "strict.log";
inline constexpr const char *kStoreShared = "shared.log";
inline constexpr const char *kStoreLto = "lto";

// 16 bytes of BLAKE2b as hexadecimal digits, and a newline.
inline constexpr size_t kSequenceLine = 33;

// Fields of a link record.
inline constexpr const char *kLinkOutput = "output"; // absolute path
inline constexpr const char *kLinkKind = "kind";     // executable, shared, relocatable
inline constexpr const char *kLinkCopy = "copy";     // base name of the copy, or ""
inline constexpr const char *kLinkArgv = "argv";
inline constexpr const char *kLinkCwd = "cwd";

// Fields of a change record.
inline constexpr const char *kChangeObject = "object";       // the object's key
inline constexpr const char *kChangeSource = "source";       // as the compiler was given it
inline constexpr const char *kChangeDirectory = "directory"; // where the compiler ran
inline constexpr const char *kChangeReport = "report";       // path of the report, or ""
// Objects (or, for a link with -flto, folders of them) whose debug information describes
// the two versions; "" when there are none.
inline constexpr const char *kChangeOriginalTypes = "original_types";
inline constexpr const char *kChangePatchedTypes = "patched_types";
// KPATCH_ACCEPT_LAYOUT lines of the patched text: "struct NAME: reason".
inline constexpr const char *kChangeAccepted = "accepted";
inline constexpr const char *kChangeRefused = "refused"; // why it cannot be carried, or ""

} // namespace care
