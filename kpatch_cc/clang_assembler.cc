// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/clang_assembler.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "kpatch_cc/address_immediate.h"
#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/driver_line.h"

namespace care::cc {

namespace {

// Between the words of KPATCH_CLANG: no option holds it.
constexpr char kSeparator = '\x1f';

// A symbol of value 1 that is defined behind its uses.
constexpr std::string_view kOne = ".Lkpatch_one";

std::vector<std::string> split(std::string_view word) {
  std::vector<std::string> words;
  for (;;) {
    size_t end = word.find(kSeparator);
    words.emplace_back(word.substr(0, end));
    if (end == std::string_view::npos)
      return words;
    word.remove_prefix(end + 1);
  }
}

// What clang writes of the ST(0) forms of dc c0 and dc c8.
constexpr std::string_view kAddToItself = "\tfadd\t%st, %st(0)";
constexpr std::string_view kMultiplyByItself = "\tfmul\t%st, %st(0)";

// Position of a shift's count: behind `\tshll\t$`.
constexpr size_t kShiftCount = 7;

bool is_shift_by_one(std::string_view line) {
  constexpr std::array<std::string_view, 8> kShifts = {"shl", "shr", "sal", "sar",
                                                       "rol", "ror", "rcl", "rcr"};
  constexpr std::string_view kSizes = "bwlq";
  return line.size() > kShiftCount + 1 && line[0] == '\t' &&
         std::find(kShifts.begin(), kShifts.end(), line.substr(1, 3)) != kShifts.end() &&
         kSizes.find(line[4]) != std::string_view::npos && line.substr(5).starts_with("\t$1,");
}

// After the probes of -fstack-clash-protection, clang allocates the rest of a frame by a
// subtraction with four bytes of immediate, however small the rest is:
//
//         subq    $4096, %rsp
//         movq    $0, (%rsp)              again, or in a loop: cmpq, jne
//         subq    $16, %rsp               48 81 ec, not 48 83 ec
class ProbeTracker {
 public:
  // The length of the operation's operand when `line` is such a subtraction, or 0.
  size_t small_rest(std::string_view line) {
    constexpr std::string_view kSubtract = "\tsubq\t$";
    if (line.starts_with("\tsubq\t$4096, %rsp")) {
      state_ = State::taken;
    } else if (line.starts_with("\tmovq\t$0, (%rsp)")) {
      state_ = state_ == State::taken ? State::probed : State::none;
    } else if (line.starts_with(kSubtract) && state_ == State::probed) {
      state_ = State::none;
      size_t digits = line.find_first_not_of("0123456789", kSubtract.size()) - kSubtract.size();
      std::string_view rest = line.substr(kSubtract.size() + digits);
      if (rest.starts_with(", %rsp") && digits < 4 && value(line, kSubtract.size(), digits) < 128)
        return digits;
    } else if (line.size() > 1 && line[0] == '\t' && line[1] != '.' &&
               !line.starts_with("\tcmpq\t%r11, %rsp") && !line.starts_with("\tjne\t")) {
      state_ = State::none;
    }
    return 0;
  }
  static unsigned value(std::string_view line, size_t begin, size_t length) {
    unsigned number = 0;
    for (char c : line.substr(begin, length))
      number = number * 10 + static_cast<unsigned>(c - '0');
    return number;
  }

 private:
  enum class State { none, taken, probed } state_ = State::none;
};

// clang reads inline and file scope assembly as text itself: it needs no change.
class InlineTracker {
 public:
  bool inside(std::string_view line) {
    if (line.starts_with("\t#APP\n") || line.starts_with(kFileScope))
      inside_ = true;
    else if (line.starts_with("\t#NO_APP\n") || line.starts_with(kFileScopeEnd))
      inside_ = false;
    return inside_;
  }

 private:
  static constexpr std::string_view kFileScope =
      "                                        # Start of file scope inline assembly";
  static constexpr std::string_view kFileScopeEnd =
      "                                        # End of file scope inline assembly";
  bool inside_ = false;
};

} // namespace

std::string clang_word(const std::string &clang, const DriverLine &line) {
  std::string word = clang;
  for (const std::string &option : line.assembler)
    word += kSeparator + option;
  // First in effect for compiled code only; see clang_command().
  word += kSeparator;
  word += line.relax_all ? "-mrelax-all" : "";
  return word;
}

bool is_clang_output(std::string_view text) {
  // kpatch_cc makes the driver ask for -faddrsig. Its table is in every compiled file and
  // in no hand-written one. The first lines are no such sign: -fcf-protection puts a note
  // there.
  return text.rfind("\n\t.addrsig\n") != std::string_view::npos;
}

std::string keep_encodings(std::string_view text) {
  std::string result;
  size_t done = 0;
  auto replace = [&](size_t begin, size_t end, std::string_view replacement) {
    result.append(text.substr(done, begin - done)).append(replacement);
    done = end;
  };
  ProbeTracker probes;
  InlineTracker inline_assembly;
  size_t length = 0;
  for (size_t start = text.find('\n') + 1; start != 0; start = text.find('\n', start) + 1) {
    std::string_view line = text.substr(start);
    if (inline_assembly.inside(line))
      continue;
    if (size_t digits = probes.small_rest(line))
      replace(start, start + std::string_view("\tsubq\t$, %rsp").size() + digits,
              fmt::format("\t.byte 0x48, 0x81, 0xec, {}, 0, 0, 0",
                          ProbeTracker::value(line, std::string_view("\tsubq\t$").size(), digits)));
    else if (is_shift_by_one(line))
      replace(start + kShiftCount, start + kShiftCount + 1, kOne);
    else if (line.starts_with(kAddToItself))
      replace(start, start + kAddToItself.size(), "\t.byte 0xdc, 0xc0");
    else if (line.starts_with(kMultiplyByItself))
      replace(start, start + kMultiplyByItself.size(), "\t.byte 0xdc, 0xc8");
    else if (std::string form = address_immediate(line, length); !form.empty())
      replace(start, start + length, form);
  }
  if (result.empty())
    return result;
  return fmt::format("{}{}\n\t.set {}, 1\n", result, text.substr(done), kOne);
}

std::vector<std::string> clang_command(std::string_view word, const AssemblerLine &line,
                                       const std::string &input, bool compiled) {
  std::vector<std::string> command = split(word);
  std::string relax = command.back();
  command.pop_back();
  if (compiled && !relax.empty())
    command.push_back(relax);
  command.insert(command.end(), {"-Qunused-arguments", "-c", "-x", "assembler"});
  // clang reports an MD5 missing in a line table that it has written itself.
  if (compiled)
    command.push_back("-Wa,--no-warn");
  for (const std::string &option : line.options) {
    if (option == "--64" || option == "--32" || option == "--x32")
      continue;
    if (option.starts_with("--gdwarf") || option == "-g")
      command.push_back(option.starts_with("--gdwarf-") ? option.substr(1) : "-g");
    else
      command.insert(command.end(), {"-Xassembler", option});
  }
  command.insert(command.end(), {"-o", line.output, input});
  return command;
}

} // namespace care::cc
