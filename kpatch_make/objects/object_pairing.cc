// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/objects/object_pairing.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sodium.h>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/elf/dynamic.h"
#include "lib/json/json.h"
#include "lib/patchfile/patch_file.h"
#include "lib/store/store_layout.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

using LinksByPath = std::map<std::string, std::vector<Link>>;

// One zero-terminated text for each object that was refused.
std::vector<std::string> refusals_in(std::string_view bytes) {
  std::vector<std::string> refusals;
  for (size_t at = 0; at < bytes.size();) {
    size_t end = std::min(bytes.find('\0', at), bytes.size());
    if (end > at)
      refusals.emplace_back(bytes.substr(at, end - at));
    at = end + 1;
  }
  return refusals;
}

void inspect(Link &link) {
  ElfFile file(link.copy, Machine::any);
  link.foreign = file.foreign();
  link.build_id = hex_text(file.build_id());
  link.soname = soname_of(file);
  link.changed = file.find(".kpatch.info") != nullptr || file.find(".kpatch.text") != nullptr;
  if (const ElfSection *refused = file.find(kRefusedSection)) {
    link.refused = refusals_in(refused->bytes);
    link.changed = true;
  }
  link.moved_lines = file.find(".kpatch.spared") != nullptr;
}

// The links of one stage in the order in which they were made.
LinksByPath read_links(const std::string &folder) {
  std::error_code none;
  std::vector<fs::path> records;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, none))
    if (entry.path().extension() == ".json")
      records.push_back(entry.path());
  std::sort(records.begin(), records.end());
  LinksByPath links;
  for (const fs::path &path : records) {
    Json record = Json::parse(read_file(path));
    std::string copy = record.at(kLinkCopy).string();
    if (copy.empty())
      continue; // ld -r: an intermediate object
    Link link;
    link.output = record.at(kLinkOutput).string();
    link.copy = fmt::format("{}/{}", folder, copy);
    for (const Json &word : record.at(kLinkArgv))
      link.inputs.push_back(
          (fs::path(record.at(kLinkCwd).string()) / word.string()).lexically_normal());
    inspect(link);
    links[link.output].push_back(link);
  }
  return links;
}

// Build-id, or what is loaded, -> path of the objects in the finished tree, read when first
// needed.
class TreeIndex {
 public:
  explicit TreeIndex(const BuiltTree &tree) : tree_(tree) {}

  // The path under which the build leaves this object, if it does.
  std::optional<std::string> find(const Link &link) {
    if (link.output.rfind(tree_.path + "/", 0) != 0)
      return fs::exists(link.output) ? std::optional(link.output) : std::nullopt;
    std::string here = tree_.place + link.output.substr(tree_.path.size());
    if (fs::exists(here) && same(here, link))
      return here;
    if (link.build_id.empty())
      return fs::exists(here) ? std::optional(here) : std::nullopt;
    if (!read_)
      read_all();
    auto found = by_build_id_.find(link.build_id);
    if (found != by_build_id_.end())
      return found->second;
    auto packed = by_content_.find(tree_.all_places ? loaded_content(link.copy) : "");
    return packed != by_content_.end() ? std::optional(packed->second) : std::nullopt;
  }

  // Fills in all places, where the build's own packaging put copies of it, and their
  // build-ids.
  void find_places(Link &link) {
    link.places = {link.output};
    if (!read_)
      read_all();
    std::set<std::string> found;
    auto [first, last] = by_build_id_.equal_range(link.build_id);
    for (; first != last; ++first)
      found.insert(first->second);
    auto [begin, end] = by_content_.equal_range(loaded_content(link.copy));
    for (; begin != end; ++begin)
      found.insert(begin->second);
    for (const std::string &path : found) {
      link.places.push_back(path);
      link.packed_ids.push_back(build_id_of(path));
    }
  }

 private:
  static std::string build_id_of(const fs::path &path) {
    try {
      return hex_text(ElfFile(path.string(), Machine::any).build_id());
    } catch (const Error &) {
      return {}; // a damaged file, say, of a test suite
    }
  }

  static bool same(const std::string &path, const Link &link) {
    return ElfFile::is_elf(path) && build_id_of(path) == link.build_id;
  }

  void read_all() {
    read_ = true;
    std::error_code ignored;
    for (auto it = fs::recursive_directory_iterator(
             tree_.place, fs::directory_options::skip_permission_denied, ignored);
         it != fs::recursive_directory_iterator(); it.increment(ignored)) {
      if (!it->is_regular_file(ignored) || it->is_symlink(ignored) || !ElfFile::is_elf(it->path()))
        continue;
      if (std::string id = build_id_of(it->path()); !id.empty())
        by_build_id_.emplace(id, it->path());
      if (!tree_.all_places)
        continue;
      if (std::string content = loaded_content(it->path()); !content.empty())
        by_content_.emplace(content, it->path());
    }
  }

  BuiltTree tree_;
  bool read_ = false;
  std::multimap<std::string, std::string> by_build_id_, by_content_;
};

// The k-th link of a path from the end belongs to the k-th from the end.
void pair_path(Pairing &pairing, const std::vector<Link> &originals,
               const std::vector<Link> &patched, TreeIndex &index, bool all_places) {
  for (size_t k = 1; k <= std::min(originals.size(), patched.size()); k++) {
    Link original = originals[originals.size() - k];
    const Link &other = patched[patched.size() - k];
    if (k > 1 && !other.changed)
      continue;
    std::optional<std::string> place = index.find(original);
    if (!place)
      continue;
    if (all_places)
      index.find_places(original);
    if (k == 1) {
      pairing.originals.push_back(original);
      pairing.patched.push_back(other);
    }
    if (!other.changed)
      continue;
    pairing.changed.push_back({original, other, fs::path(*place).filename()});
  }
}

// What is gone when the build is over was a probe: ztest4711 and the like.
bool is_left(const std::string &path, const BuiltTree &tree) {
  bool inside = path.starts_with(tree.path + "/");
  return fs::exists(inside ? tree.patched + path.substr(tree.path.size()) : path);
}

// One object under two paths needs one patch.
void merge_copies(std::vector<Pair> &pairs) {
  std::map<std::string, size_t> known; // by build-id
  std::vector<Pair> merged;
  for (Pair &pair : pairs) {
    auto [found, added] = known.try_emplace(pair.original.build_id, merged.size());
    if (added || pair.original.build_id.empty())
      merged.push_back(std::move(pair));
    else if (Pair &first = merged[found->second]; first.original.output != pair.original.output)
      first.copies.push_back(pair.original.output);
  }
  pairs = std::move(merged);
}

} // namespace

std::string loaded_content(const std::string &path) try {
  ElfFile file(path, Machine::any);
  if (file.type() != ET_EXEC && file.type() != ET_DYN)
    return {};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES);
  for (const ElfSection &section : file.sections())
    if (section.alloc() && !section.nobits() && !section.name.starts_with(".note")) {
      std::string head = fmt::format("{} {}\n", section.name, section.bytes.size());
      for (std::string_view part : {std::string_view(head), std::string_view(section.bytes)})
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char *>(part.data()),
                                  part.size());
    }
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash_final(&state, reinterpret_cast<unsigned char *>(digest.data()), digest.size());
  return digest;
} catch (const Error &) {
  return {};
}

Pairing pair_links(const std::string &store, const BuiltTree &tree) {
  std::string links = store + "/" + kStoreLinks + "/";
  LinksByPath originals = read_links(links + kStageOriginal);
  LinksByPath patched = read_links(links + kStagePatched);
  TreeIndex index(tree);
  Pairing pairing;
  for (const auto &[path, list] : patched) {
    auto found = originals.find(path);
    if (found != originals.end())
      pair_path(pairing, found->second, list, index, tree.all_places);
    else if (list.back().changed && is_left(path, tree))
      pairing.added.push_back(path);
  }
  merge_copies(pairing.changed);
  return pairing;
}

} // namespace care::make
