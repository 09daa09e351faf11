// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/resolve/link_scope.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <elf.h>

namespace care {

namespace {

// Of glibc's struct link_map, which has some 1200 bytes and begins with <link.h>'s 40.
constexpr uint64_t kFirstField = 40;
constexpr uint64_t kLastField = 2048;
// More lists than any object has: its own, the program's, the dlopen's.
constexpr size_t kMaxLists = 16;

using MapList = std::vector<RemoteAddr>;

class ScopeReader {
 public:
  ScopeReader(const std::vector<LinkMaps> &all, CachedMemory &memory)
      : base_(all.front()), memory_(memory) {
    for (const LinkMaps &maps : all) {
      for (const LinkMapEntry &m : maps)
        known_.insert(m.at);
    }
  }

  // The one place of l_scope in a link map, or nothing.
  std::optional<uint64_t> find_field() {
    std::optional<uint64_t> found;
    for (uint64_t field = kFirstField; field < kLastField; field += 8) {
      if (!is_scope_field(field))
        continue;
      if (found)
        return std::nullopt;
      found = field;
    }
    return found;
  }

  // The lists of the link map at `map`; none where the word is no such thing.
  std::vector<MapList> lists(RemoteAddr map, uint64_t field) {
    std::optional<RemoteAddr> array = word(map + field);
    std::vector<MapList> lists;
    for (size_t i = 0; array && i < kMaxLists; i++) {
      std::optional<RemoteAddr> at = word(*array + i * 8);
      if (!at)
        break;
      if (!*at)
        return lists;
      MapList list = read_list(*at);
      if (list.empty())
        break;
      lists.push_back(std::move(list));
    }
    return {};
  }

 private:
  std::optional<RemoteAddr> word(RemoteAddr at) {
    uint64_t value = 0;
    // Non-canonical addresses are none, and must not wrap around.
    if (at.value >= uint64_t{1} << 47 || !memory_.try_read(at, &value, sizeof value))
      return std::nullopt;
    return RemoteAddr(value);
  }

  // struct r_scope_elem { struct link_map **r_list; unsigned int r_nlist; }
  MapList read_list(RemoteAddr at) {
    std::optional<RemoteAddr> entries = word(at);
    std::optional<RemoteAddr> count = word(at + 8);
    if (!entries || !count)
      return {};
    uint64_t size = count->value & UINT32_MAX;
    if (size == 0 || size > known_.size())
      return {};
    MapList list;
    for (uint64_t i = 0; i < size; i++) {
      std::optional<RemoteAddr> map = word(*entries + i * 8);
      if (!map || !known_.contains(*map))
        return {};
      list.push_back(*map);
    }
    return list;
  }

  // For every link map but those that have none there (ld.so's own), and for the first.
  bool is_scope_field(uint64_t field) {
    for (size_t i = 0; i < base_.size(); i++) {
      std::vector<MapList> found = lists(base_[i].at, field);
      if (i == 0 && (found.empty() || found.front().front() != base_[0].at))
        return false;
      if (found.empty() && word(base_[i].at + field).value_or(RemoteAddr(1)))
        return false;
    }
    return !base_.empty();
  }

  const LinkMaps &base_;
  CachedMemory &memory_;
  std::set<RemoteAddr> known_;
};

void add_once(std::vector<size_t> &chain, size_t index) {
  if (std::find(chain.begin(), chain.end(), index) == chain.end())
    chain.push_back(index);
}

std::optional<std::vector<size_t>> exact_scope(const std::vector<LinkMaps> &all, RemoteAddr own,
                                               CachedMemory &memory) {
  ScopeReader reader(all, memory);
  std::optional<uint64_t> field = reader.find_field();
  if (!field)
    return std::nullopt;
  std::vector<MapList> lists = reader.lists(own, *field);
  if (lists.empty()) // the dynamic linker itself, which is resolved in the program's
    lists = reader.lists(all[0][0].at, *field);
  std::map<RemoteAddr, std::optional<size_t>> objects;
  for (const LinkMaps &maps : all) {
    for (const LinkMapEntry &m : maps)
      objects[m.at] = m.object;
  }
  std::vector<size_t> order;
  for (const MapList &list : lists) {
    for (RemoteAddr map : list) {
      if (std::optional<size_t> object = objects[map])
        add_once(order, *object);
    }
  }
  return order;
}

// glibc relocates it in place, musl does not.
RemoteAddr dynamic_pointer(const LoadedObject &object, uint64_t pointer) {
  return object.range.contains(RemoteAddr(pointer)) ? RemoteAddr(pointer)
                                                    : object.bias + LinkAddr(pointer);
}

// The strings of DT_NEEDED and DT_SONAME.
struct DynamicNames {
  std::vector<std::string> needed;
  std::string soname;
};

DynamicNames dynamic_names(const LoadedObject &object, CachedMemory &memory) {
  DynamicNames names;
  std::vector<uint64_t> needed;
  std::optional<uint64_t> soname;
  RemoteAddr strings;
  for (const DynamicEntry &entry : read_dynamic(object, memory)) {
    if (entry.tag == DT_NEEDED)
      needed.push_back(entry.value);
    else if (entry.tag == DT_SONAME)
      soname = entry.value;
    else if (entry.tag == DT_STRTAB)
      strings = dynamic_pointer(object, entry.value);
  }
  if (!strings)
    return names;
  for (uint64_t offset : needed)
    names.needed.push_back(memory.read_string(strings + offset));
  names.soname = soname ? memory.read_string(strings + *soname) : object.name;
  return names;
}

// `root` and what it needs, breadth first, as ld.so orders it.
void add_closure(const LinkMaps &maps, const std::vector<LoadedObject> &objects, size_t root,
                 CachedMemory &memory, std::vector<size_t> &order) {
  std::map<std::string, size_t> by_name;
  for (const LinkMapEntry &m : maps) {
    if (m.object)
      by_name.emplace(dynamic_names(objects[*m.object], memory).soname, *m.object);
  }
  std::deque<size_t> todo{root};
  std::set<size_t> seen{root};
  for (; !todo.empty(); todo.pop_front()) {
    add_once(order, todo.front());
    for (const std::string &name : dynamic_names(objects[todo.front()], memory).needed) {
      auto it = by_name.find(name.substr(name.rfind('/') + 1));
      if (it != by_name.end() && seen.insert(it->second).second)
        todo.push_back(it->second);
    }
  }
}

} // namespace

LinkScope read_link_scope(const Process &process, const std::vector<LoadedObject> &objects,
                          const LoadedObject &object, CachedMemory &memory) {
  auto index = static_cast<size_t>(&object - objects.data());
  std::vector<LinkMaps> all = read_link_maps(process, objects, memory);
  for (const LinkMaps &maps : all) {
    auto own = std::find_if(maps.begin(), maps.end(),
                            [&](const LinkMapEntry &m) { return m.object == index; });
    if (own == maps.end())
      continue;
    LinkScope scope;
    for (const LinkMapEntry &m : maps) {
      if (m.object)
        add_once(scope.space, *m.object);
    }
    std::optional<std::vector<size_t>> order;
    if (own->at)
      order = exact_scope(all, own->at, memory);
    if (order) {
      scope.order = *order;
      scope.exact = true;
      return scope;
    }
    if (maps.front().object)
      add_closure(maps, objects, *maps.front().object, memory, scope.order);
    add_closure(maps, objects, index, memory, scope.order);
    for (size_t index_of_other : scope.space)
      add_once(scope.order, index_of_other);
    return scope;
  }
  return {};
}

} // namespace care
