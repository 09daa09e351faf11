// SPDX-License-Identifier: GPL-2.0-or-later
//
// The store of assembly texts; its layout is in store_layout.h.
//
// A build may compile one object more than once: configure probes write conftest.o a
// hundred times, some packages compile foo.o with and then without -fPIC. So the store
// keeps all versions of each object, in the order in which they came. Every write is
// either an append of one short line or a file that is renamed into place, so that a
// parallel make needs no lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace care::cc {

enum class Stage { none, original, patched };

// From KPATCH_STAGE. Throws Error (usage) for a name that is none.
Stage stage_from_environment();
const char *stage_name(Stage stage);

class Store {
 public:
  // Creates the folder when it is not there. Throws Error when it cannot be written.
  explicit Store(std::string folder);
  // KPATCH_STORE, or the user's cache folder.
  static Store from_environment();

  const std::string &folder() const { return folder_; }

  // The folder with kpatch_cc's `as` and `ld`, created on first use.
  std::string shims() const;

  // Remembers `text` as the next version of the object in the original build.
  // Returns the path of the stored copy.
  std::string keep_original(const std::string &key, std::string_view text) const;

  struct Pairing {
    bool known = false;                  // any version of the original build equals the text
    size_t versions = 0;                 // distinct versions of the original build
    std::optional<std::string> original; // path of the one to compare with
    std::string patched;                 // path of the stored copy of the text
    std::string output;                  // path that kpatch_gensrc writes
    std::string report;                  // and its report
  };
  // Remembers `text` as the next version in the patched build and finds its counterpart
  // in the original build: an equal text, else the k-th version for the k-th, else the last.
  Pairing pair_patched(const std::string &key, std::string_view text) const;

  // 0, 1, 2... within the driver call named `driver`, for objects without a
  // name of their own. forget_driver() ends the count.
  unsigned next_ordinal(const std::string &driver) const;
  void forget_driver(const std::string &driver) const;

  // Appends a line to a log of the store; short lines never interleave.
  void log(const std::string &name, std::string_view line) const;
  // True for the first caller only, among all processes.
  bool first_time(const std::string &mark) const;

  // Where the versions of an object are, created on first use.
  std::string key_folder(const std::string &key) const;

 private:
  std::string folder_;
};

// Hexadecimal name of a content: 16 bytes of BLAKE2b.
std::string content_name(std::string_view content);

} // namespace care::cc
