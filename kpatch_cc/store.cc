// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kpatch_cc/find_program.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

// Every name under which a compiler driver asks for an assembler or a linker.
constexpr std::array<const char *, 7> kShimNames = {"as",      "ld",     kLtoWrapperName, "ld.bfd",
                                                    "ld.gold", "ld.lld", "ld.mold"};

void make_folder(const std::string &path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure)
    throw system_error(failure.value(), "cannot create {}", path);
}

bool exists(const std::string &path) {
  return access(path.c_str(), F_OK) == 0;
}

// Appends and returns the offset of the text's end: O_APPEND makes both one step.
off_t append(const std::string &path, std::string_view text) {
  Fd fd = open_file(path, O_WRONLY | O_APPEND | O_CREAT);
  write_all(fd.get(), text, path);
  return lseek(fd.get(), 0, SEEK_CUR);
}

// Adds `name` to a sequence; returns its place in it.
size_t append_sequence(const std::string &path, const std::string &name) {
  return static_cast<size_t>(append(path, name + "\n")) / kSequenceLine - 1;
}

std::string sequence_name(const std::string &sequence, size_t index) {
  return sequence.substr(index * kSequenceLine, kSequenceLine - 1);
}

std::string default_folder() {
  if (const char *cache = getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return std::string(cache) + "/kpatch";
  if (const char *home = getenv("HOME"); home != nullptr && *home == '/')
    return std::string(home) + "/.cache/kpatch";
  return fmt::format("/tmp/kpatch-{}", getuid());
}

} // namespace

Stage stage_from_environment() {
  const char *value = getenv(kStageVariable);
  std::string_view stage = value != nullptr ? value : "";
  if (stage.empty() || stage == kStageConfigure)
    return Stage::none;
  if (stage == kStageOriginal)
    return Stage::original;
  if (stage == kStagePatched)
    return Stage::patched;
  throw error(ExitCode::usage, "{}={}: not one of configure, original, patched", kStageVariable,
              stage);
}

const char *stage_name(Stage stage) {
  return stage == Stage::patched ? kStagePatched : kStageOriginal;
}

std::string content_name(std::string_view content) {
  std::array<unsigned char, kSequenceLine / 2> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char *>(content.data()), content.size(),
                     nullptr, 0);
  std::string name(kSequenceLine, '\0');
  sodium_bin2hex(name.data(), name.size(), hash.data(), hash.size());
  name.resize(kSequenceLine - 1);
  return name;
}

Store::Store(std::string folder) : folder_(std::move(folder)) {
  if (sodium_init() < 0)
    throw error("libsodium does not start");
  if (!exists(folder_ + "/asm"))
    make_folder(folder_ + "/asm");
}

Store Store::from_environment() {
  const char *folder = getenv(kStoreVariable);
  return Store(folder != nullptr && *folder != 0 ? folder : default_folder());
}

std::string Store::shims() const {
  // The links lead to the program that made them. So another installation that
  // shares the store gets a folder of its own.
  std::string self = own_path();
  std::string shims = folder_ + "/shims-" + content_name(self).substr(0, 8);
  if (exists(shims))
    return shims;
  std::string temporary = fmt::format("{}.{}", shims, getpid());
  make_folder(temporary);
  for (const char *name : kShimNames)
    if (symlink(self.c_str(), fmt::format("{}/{}", temporary, name).c_str()) != 0)
      throw system_error(errno, "cannot create {}/{}", temporary, name);
  if (rename(temporary.c_str(), shims.c_str()) != 0) {
    int errnum = errno;
    fs::remove_all(temporary);
    if (errnum != EEXIST && errnum != ENOTEMPTY) // another process was quicker
      throw system_error(errnum, "cannot create {}", shims);
  }
  return shims;
}

std::string Store::key_folder(const std::string &key) const {
  std::string folder = folder_ + "/asm/" + content_name(key);
  if (!exists(folder)) {
    make_folder(folder);
    write_file(folder + "/object", key);
  }
  return folder;
}

std::string Store::keep_original(const std::string &key, std::string_view text) const {
  std::string folder = key_folder(key), name = content_name(text);
  std::string path = folder + "/" + name + ".s";
  if (!exists(path))
    write_file(path, text);
  append_sequence(folder + "/original.seq", name);
  return path;
}

Store::Pairing Store::pair_patched(const std::string &key, std::string_view text) const {
  std::string folder = key_folder(key), name = content_name(text);
  Pairing pairing;
  pairing.patched = folder + "/" + name + ".s";
  pairing.output = folder + "/out-" + name + ".s";
  pairing.report = folder + "/report-" + name + ".json";
  if (!exists(pairing.patched))
    write_file(pairing.patched, text);
  size_t place = append_sequence(folder + "/patched.seq", name);

  if (!exists(folder + "/original.seq"))
    return pairing;
  std::string sequence = read_file(folder + "/original.seq");
  size_t count = sequence.size() / kSequenceLine;
  if (count == 0)
    return pairing;
  std::set<std::string> names;
  for (size_t i = 0; i < count; i++)
    names.insert(sequence_name(sequence, i));
  pairing.versions = names.size();
  pairing.known = names.count(name) != 0;
  std::string counterpart =
      pairing.known ? name : sequence_name(sequence, std::min(place, count - 1));
  pairing.original = folder + "/" + counterpart + ".s";
  return pairing;
}

unsigned Store::next_ordinal(const std::string &driver) const {
  make_folder(folder_ + "/drivers");
  return static_cast<unsigned>(append(folder_ + "/drivers/" + driver, "x") - 1);
}

void Store::forget_driver(const std::string &driver) const {
  unlink((folder_ + "/drivers/" + driver).c_str());
}

void Store::log(const std::string &name, std::string_view line) const {
  append(folder_ + "/" + name, std::string(line) + "\n");
}

bool Store::first_time(const std::string &mark) const {
  int fd = open((folder_ + "/" + mark).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return static_cast<bool>(Fd(fd));
}

} // namespace care::cc
