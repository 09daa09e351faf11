// SPDX-License-Identifier: GPL-2.0-or-later
//
// When code sections differ in size, every address behind the first difference has moved,
// and a comparison byte by byte says nothing more. A stripped target still has unwind
// entries, which tell where its functions begin and end. Where both files have the same
// number of functions, they are compared one by one, in their order, without the distances
// that lead out of them. That names the functions that really differ.
//
// This is no part of a proof: two files that come here are not equal.
#include <algorithm>

#include "kpatch_tool/proof/layout_proof.h"
#include "lib/elf/cfi.h"
#include "lib/x86/decoder.h"

namespace care::tool {

namespace {

std::vector<LinkRange> functions_of(const LinkedFile &file, const ElfSection &section) {
  std::vector<LinkRange> functions;
  for (const FrameEntry &frame : read_frames(file.elf).frames)
    if (frame.size > 0 && section.range().contains(frame.begin) &&
        frame.begin + frame.size <= section.range().end)
      functions.push_back({frame.begin, frame.begin + frame.size});
  std::sort(functions.begin(), functions.end(),
            [](const LinkRange &a, const LinkRange &b) { return a.begin < b.begin; });
  return functions;
}

void blank(std::string &code, uint64_t offset, uint64_t size) {
  for (uint64_t i = offset; i < std::min<uint64_t>(offset + size, code.size()); i++)
    code[i] = '\0';
}

class FunctionComparison {
 public:
  FunctionComparison(const LinkPair &pair, const ElfSection &ours, LayoutProof &proof)
      : pair_(pair), relocations_(sorted_relocations(pair.instrumented, ours)), proof_(proof) {}

  void compare(LinkRange ours, LinkRange theirs) {
    std::string our_code(pair_.instrumented.elf.read(ours.begin, ours.size()));
    std::string their_code(pair_.target.elf.read(theirs.begin, theirs.size()));
    std::string decoded = our_code;
    blank_relocated(ours, our_code, their_code);
    blank_distances(decoded, our_code, their_code);
    if (our_code == their_code)
      return;
    std::string what = "other bytes in the target";
    if (ours.size() != theirs.size())
      what = fmt::format("function of {} bytes, in the target of {}", ours.size(), theirs.size());
    auto at = std::mismatch(our_code.begin(), our_code.end(), their_code.begin(), their_code.end());
    auto offset = static_cast<uint64_t>(at.first - our_code.begin());
    proof_.differences.add(ours.begin + offset, what, 1, {}, theirs.begin + offset);
  }

 private:
  void blank_relocated(LinkRange ours, std::string &a, std::string &b) const {
    auto first =
        std::lower_bound(relocations_.begin(), relocations_.end(), ours.begin.value,
                         [](const ElfRelocation &r, uint64_t offset) { return r.offset < offset; });
    for (; first != relocations_.end() && first->offset < ours.end.value; ++first) {
      blank(a, first->offset - ours.begin.value, 4);
      blank(b, first->offset - ours.begin.value, 4);
    }
  }

  // Calls and jumps of one section to another function of it have no relocation.
  static void blank_distances(const std::string &code, std::string &a, std::string &b) {
    for (uint64_t at = 0; at < code.size();) {
      std::optional<Instruction> instruction = decode(std::string_view(code).substr(at));
      uint64_t next = at + (instruction ? instruction->length : 1);
      if (instruction && instruction->relative_branch &&
          next + static_cast<uint64_t>(instruction->branch_distance) >= code.size()) {
        uint64_t width = instruction->length >= 5 ? 4 : 1;
        blank(a, next - width, width);
        blank(b, next - width, width);
      }
      at = next;
    }
  }

  const LinkPair &pair_;
  std::vector<ElfRelocation> relocations_;
  LayoutProof &proof_;
};

} // namespace

bool functions_moved(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs) {
  std::vector<LinkRange> a = functions_of(pair.instrumented, ours);
  std::vector<LinkRange> b = functions_of(pair.target, theirs);
  return a.size() == b.size() &&
         !std::equal(a.begin(), a.end(), b.begin(), [&](const LinkRange &x, const LinkRange &y) {
           return x.begin - ours.addr == y.begin - theirs.addr && x.size() == y.size();
         });
}

bool compare_functions(const LinkPair &pair, const ElfSection &ours, const ElfSection &theirs,
                       LayoutProof &proof) {
  std::vector<LinkRange> our_functions = functions_of(pair.instrumented, ours);
  std::vector<LinkRange> their_functions = functions_of(pair.target, theirs);
  if (our_functions.empty() || our_functions.size() != their_functions.size())
    return false;
  FunctionComparison comparison(pair, ours, proof);
  for (size_t i = 0; i < our_functions.size(); i++)
    comparison.compare(our_functions[i], their_functions[i]);
  return true;
}

} // namespace care::tool
