// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which linked object of the patched build belongs to which of the original
// build, and which of them changed.
//
// kpatch_cc has recorded every link. The same output path in both builds is the
// same object; where a path was linked more than once, the last link counts,
// unless an earlier one survives under another name. An object that is nowhere
// in the tree any more when the build is over was a probe or an intermediate
// step (libtool links once more to install) and is left out.
#pragma once

#include <string>
#include <vector>

namespace care::make {

struct Link {
  std::string output;               // absolute path, as the build saw it
  std::string copy;                 // our copy of it
  std::string build_id;             // hexadecimal, "" when it has none
  std::string soname;               // "" when it has none
  std::string foreign;              // ElfFile::foreign(): there are no patches for it
  bool changed = false;             // has sections of kpatch_gensrc, or is refused
  bool moved_lines = false;         // of some functions only the line numbers differ
  std::vector<std::string> refused; // why compiled objects in it cannot be carried over
  std::vector<std::string> inputs;  // what was linked, absolute; options among it
  // Paths in the finished tree, and the build-ids there: packaging may give an object another
  // one. With BuiltTree::all_places only.
  std::vector<std::string> places, packed_ids;
};

struct Pair {
  Link original, patched;
  std::string object;                // base name under which the build leaves it
  std::vector<std::string> copies{}; // other paths that the build links the same object under
};

struct Pairing {
  std::vector<Pair> changed;
  std::vector<Link> originals;    // the last link of each path that still exists
  std::vector<Link> patched;      // their counterparts, changed or not
  std::vector<std::string> added; // outputs that only the patched build has and leaves
};

struct BuiltTree {
  std::string path;        // as the build saw it
  std::string place;       // where the original build's copy is now
  std::string patched;     // and the patched build's
  bool all_places = false; // fill Link::places and packed_ids
};

// A digest of what is loaded, but for notes: neither strip nor find-debuginfo, which gives
// what it packs another build-id, changes that. "" for what cannot run.
std::string loaded_content(const std::string &path);

// Reads the records under `store`.
Pairing pair_links(const std::string &store, const BuiltTree &tree);

} // namespace care::make
