// SPDX-License-Identifier: GPL-2.0-or-later
//
// .kpatch.info, .kpatch.marks and .kpatch.strtab, as docs/patch-format.rst says. None is
// loaded; the linker fills in the addresses.
#include <map>

#include "kpatch_gensrc/emit/emit.h"

#include <fmt/core.h>

namespace care::gensrc {

namespace {

class Strings {
 public:
  // The label of `text`.
  std::string label(const std::string &text) {
    size_t number = numbers_.try_emplace(text, numbers_.size()).first->second;
    if (number == texts_.size())
      texts_.push_back(text);
    return fmt::format(".Lkp_s{}", number);
  }

  std::string emit() const {
    // The empty string comes first: offset 0 is "".
    std::string out = "\t.section\t.kpatch.strtab,\"R\",@progbits\n\t.byte\t0\n";
    for (size_t i = 0; i < texts_.size(); i++)
      out += fmt::format(".Lkp_s{}:\n\t.string\t\"{}\"\n", i, escaped(texts_[i]));
    return out;
  }

 private:
  static std::string escaped(const std::string &text) {
    std::string out;
    for (char c : text) {
      unsigned char byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\')
        (out += '\\') += c;
      else if (byte < 0x20 || byte >= 0x7f)
        out += fmt::format("\\{:03o}", byte);
      else
        out += c;
    }
    return out;
  }

  std::map<std::string, size_t> numbers_;
  std::vector<std::string> texts_;
};

std::string or_zero(const std::string &symbol) {
  return symbol.empty() ? "0" : symbol;
}

} // namespace

std::string emit_info(const std::vector<ReplacementRecord> &records,
                      const std::vector<EmittedMark> &marks, std::string_view source) {
  Strings strings;
  std::string out = "\t.section\t.kpatch.info,\"R\",@progbits\n\t.balign\t8\n";
  for (const ReplacementRecord &record : records)
    out += fmt::format("\t.quad\t{}, {}, {}, {}, {}, {}, {}\n\t.long\t{}, {}\n",
                       or_zero(record.original), or_zero(record.replacement),
                       or_zero(record.original_cold), or_zero(record.replacement_cold),
                       strings.label(record.name), strings.label(record.reason),
                       strings.label(std::string(source)), static_cast<int>(record.kind),
                       record.only_definition ? 1
                       : record.shared        ? 2
                                              : 0);
  if (!marks.empty())
    out += "\t.section\t.kpatch.marks,\"R\",@progbits\n\t.balign\t8\n";
  for (const EmittedMark &mark : marks)
    out += fmt::format("\t.quad\t{}, {}, {}\n\t.long\t{}, 0\n", or_zero(mark.symbol),
                       strings.label(mark.name), strings.label(mark.text),
                       static_cast<int>(mark.kind));
  return out + strings.emit();
}

} // namespace care::gensrc
