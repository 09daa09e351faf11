// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/lto_wrapper.h"

#include <cstdlib>
#include <filesystem>

#include "kpatch_cc/change_record.h"
#include "kpatch_cc/driver.h"
#include "kpatch_cc/find_program.h"
#include "kpatch_cc/object_key.h"
#include "kpatch_cc/template_instances.h"
#include "lib/base/environment.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "lib/base/print.h"
#include "lib/base/subprocess.h"
#include "lib/base/temp_folder.h"
#include "lib/store/store_layout.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

// The real lto-wrapper, and the path of the link's output.
constexpr const char *kRealVariable = "KPATCH_CC_LTO_WRAPPER";
constexpr const char *kLinkVariable = "KPATCH_CC_LTO_LINK";

// What lto1 writes as the name of the source.
constexpr const char *kLtoSource = "<artificial>";

using Lines = std::vector<std::string>;

// Some print an empty line at their end.
Lines names_in(const std::string &output) {
  Lines names;
  for (std::string_view line : lines_of(output))
    if (!line.empty())
      names.emplace_back(line);
  return names;
}

std::string joined(const Lines &lines) {
  std::string text;
  for (const std::string &line : lines)
    text += line + '\n';
  return text;
}

// One object of the list that lto-wrapper prints.
struct Item {
  std::string object; // path
  std::string kept;   // text in the capture folder; "" for an object with debug information
};

std::vector<Item> items_of(const std::string &capture, const Lines &objects) {
  std::vector<Item> items;
  for (const std::string &object : objects) {
    std::string kept = kept_partition(capture, object);
    items.push_back({object, fs::exists(kept) ? kept : ""});
  }
  return items;
}

// Identifies a set of partitions: a line for each object.
std::string list_of(const std::vector<Item> &items) {
  std::string list;
  for (const Item &item : items)
    list += fmt::format("{} {}\n", item.kept.empty() ? "object" : "text",
                        content_name(read_file(item.kept.empty() ? item.object : item.kept)));
  return list;
}

// "KEY/TEXT.s" -> "KEY/TEXT.parts"
std::string parts_folder(const std::string &list_path) {
  return list_path.substr(0, list_path.size() - 2) + ".parts";
}

// Texts have numbers of their own, as kpatch_gensrc reads them. `list` has the order of
// texts and objects: "text 0", "object 0", "text 1"...
void keep_parts(const std::vector<Item> &items, const std::string &folder) {
  if (fs::exists(folder))
    return;
  std::string temporary = folder + ".new";
  fs::remove_all(temporary);
  fs::create_directories(temporary);
  size_t texts = 0;
  size_t objects = 0;
  Lines order;
  for (const Item &item : items) {
    if (item.kept.empty()) {
      fs::copy_file(item.object, fmt::format("{}/{}.o", temporary, objects));
      order.push_back(fmt::format("object {}", objects++));
    } else {
      fs::copy_file(item.kept, fmt::format("{}/{}.s", temporary, texts));
      fs::copy_file(item.kept + ".options", fmt::format("{}/{}.options", temporary, texts));
      order.push_back(fmt::format("text {}", texts++));
    }
  }
  write_file(temporary + "/list", joined(order));
  fs::rename(temporary, folder);
}

// Bytecode again (ld -r -flto): compared at the final link.
bool is_bytecode(const std::vector<Item> &items) {
  for (const Item &item : items)
    if (!item.kept.empty() && is_slim_lto(read_file(item.kept)))
      return true;
  return false;
}

struct Compared {
  std::string folder;  // with the result
  std::string refused; // or why there is none
};

// Runs kpatch_gensrc on both sets. A refusal ends the link, unless refusals are gathered.
Compared difference(const Store &store, const std::string &link, const std::string &original,
                    const std::string &patched, const std::string &report) {
  std::string refused = environment(kRefusedVariable);
  std::string output = patched + ".out";
  std::string why = fmt::format("code with {} cannot be compared", refused);
  if (refused.empty()) {
    Command command;
    command.argv = {find_sibling("KPATCH_GENSRC", "kpatch_gensrc"),
                    original,
                    patched,
                    "-o",
                    output,
                    "--report",
                    report};
    if (!environment(kAllVariable).empty())
      command.argv.emplace_back("--all");
    command.capture = true;
    Outcome outcome = run(command);
    if (outcome.ok()) {
      pass_on(stderr, outcome.output);
      record_change(store, {link, kLtoSource, report, "", {original, patched, {}}});
      keep_shared_names(store, report);
      return {output, ""};
    }
    why =
        outcome.output.empty() ? fmt::format("exit code {}", outcome.exit_status) : outcome.output;
    while (why.ends_with('\n'))
      why.pop_back();
  }
  record_change(store, {link, kLtoSource, "", why, {original, patched, {}}});
  std::string whole = fmt::format("{} (linked with -flto): {}", link, why);
  if (!environment(kGatherVariable).empty()) {
    store.log(kStoreRefused, whole);
    return {"", whole};
  }
  store.log(kStoreStopped, whole);
  throw error(ExitCode::unsupported, "{}", whole);
}

void assemble_part(const std::string &text, const std::string &options, const std::string &object) {
  Command command;
  command.argv = {find_binutil("as")};
  for (const std::string &option : lines_of_file(options))
    command.argv.push_back(option);
  command.argv.insert(command.argv.end(), {"-o", object, text});
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw error("{} does not assemble:\n{}", text, outcome.output);
}

// The patched objects as they are, and one more that says why no patch comes of them.
Lines refused_objects(Lines objects, const std::string &folder, const std::string &why) {
  std::string text = folder + ".refused.s";
  write_file(text, refusal_section(why));
  std::string options = folder + ".refused.options";
  write_file(options, "");
  objects.push_back(fmt::format("{}.refused.o", objects[0]));
  assemble_part(text, options, objects.back());
  return objects;
}

// The objects of the original link with the text that `instrumented` appends to theirs.
// They have the names of the patched link's objects; the plugin deletes them in the end.
Lines replace_objects(const std::string &original, const std::string &instrumented,
                      const Lines &patched) {
  Lines objects;
  for (const std::string &line : lines_of_file(original + "/list")) {
    size_t count = objects.size();
    objects.push_back(count < patched.size() ? patched[count]
                                             : fmt::format("{}.{}.o", patched[0], count));
    size_t blank = line.find(' ');
    std::string kind = line.substr(0, blank);
    std::string number = line.substr(blank + 1);
    if (kind == "text")
      assemble_part(fmt::format("{}/{}.s", instrumented, number),
                    fmt::format("{}/{}.options", original, number), objects.back());
    else
      fs::copy_file(fmt::format("{}/{}.o", original, number), objects.back(),
                    fs::copy_options::overwrite_existing);
  }
  for (size_t i = objects.size(); i < patched.size(); i++)
    fs::remove(patched[i]);
  return objects;
}

Lines patched_objects(const Store &store, const std::string &link, const std::vector<Item> &items,
                      const Lines &objects) {
  Store::Pairing pair = store.pair_patched(link, list_of(items));
  if (!pair.original)
    store.log(kStoreNew, link);
  if ((pair.known && environment(kAllVariable).empty()) || !pair.original)
    return objects;
  std::string original = parts_folder(*pair.original);
  std::string patched = parts_folder(pair.patched);
  keep_parts(items, patched);
  Compared compared = difference(store, link, original, patched, pair.report);
  if (!compared.refused.empty())
    return refused_objects(objects, patched, compared.refused);
  return replace_objects(original, compared.folder, objects);
}

} // namespace

std::string kept_partition(const std::string &capture, const std::string &object) {
  return fmt::format("{}/{}.s", capture, content_name(absolute_path(object)));
}

void keep_partition(const std::string &capture, const AssemblerLine &line, std::string_view text) {
  std::string path = kept_partition(capture, line.output);
  write_file(path, text);
  write_file(path + ".options", joined(line.options));
}

bool is_slim_lto(std::string_view assembly) {
  return assembly.find("\t.comm\t__gnu_lto_slim,") != std::string_view::npos;
}

FatText split_fat_lto(std::string_view assembly) {
  constexpr std::string_view kSection = "\n\t.section\t";
  FatText fat;
  if (assembly.find("\n\t.section\t.gnu.lto_") == std::string_view::npos)
    return fat;
  // From one section directive to the next; bytecode sections come one after another.
  bool bytecode = false;
  for (size_t begin = 0; begin < assembly.size();) {
    size_t next = assembly.find("\n\t.", begin + 1);
    while (next != std::string_view::npos) {
      std::string_view rest = assembly.substr(next);
      if (rest.starts_with(kSection) || rest.starts_with("\n\t.text\n") ||
          rest.starts_with("\n\t.data\n") || rest.starts_with("\n\t.bss\n"))
        break;
      next = assembly.find("\n\t.", next + 1);
    }
    next = std::min(next, assembly.size());
    (bytecode ? fat.bytecode : fat.code) += assembly.substr(begin, next - begin);
    std::string_view rest = assembly.substr(next);
    bytecode = rest.starts_with("\n\t.section\t.gnu.lto_") ||
               rest.starts_with("\n\t.section\t.gnu.debuglto_");
    begin = next;
  }
  fat.code += '\n';
  fat.bytecode += '\n';
  return fat;
}

bool is_partition(std::string_view assembly) {
  return source_name(assembly.substr(0, 1000)) == kLtoSource;
}

bool take_lto_wrapper(std::vector<std::string> &arguments, const Store &store,
                      const std::string &output) {
  for (std::string &arg : arguments) {
    size_t path = arg.starts_with("-plugin-opt=/")    ? arg.find('/')
                  : arg.starts_with("--plugin-opt=/") ? arg.find('/')
                                                      : std::string::npos;
    if (path == std::string::npos || !arg.ends_with("/lto-wrapper"))
      continue;
    setenv(kRealVariable, arg.substr(path).c_str(), 1);
    setenv(kLinkVariable, absolute_path(output).c_str(), 1);
    arg = arg.substr(0, path) + store.shims() + "/" + kLtoWrapperName;
    return true;
  }
  return false;
}

int run_lto_wrapper(const std::vector<std::string> &arguments) {
  std::string real = environment(kRealVariable);
  std::string link = environment(kLinkVariable);
  if (real.empty() || link.empty())
    throw error("called by something else than kpatch_cc's linker");
  Store store = Store::from_environment();
  TempFolder capture("lto", store.folder());
  setenv(kLtoCaptureVariable, capture.path().c_str(), 1);
  Command command;
  command.argv = arguments;
  command.argv.insert(command.argv.begin(), real);
  command.capture = true;
  command.stderr_too = false;
  Outcome outcome = run(command);
  unsetenv(kLtoCaptureVariable);
  if (!outcome.ok()) {
    pass_on(stdout, outcome.output);
    return outcome.exit_status;
  }
  Stage stage = stage_from_environment();
  Lines objects = names_in(outcome.output);
  std::vector<Item> items = items_of(capture.path(), objects);
  for (const Item &item : items)
    if (!item.kept.empty())
      store.log(std::string(kStoreLogPrefix) + stage_name(stage), link);
  if (is_bytecode(items)) {
    pass_on(stdout, outcome.output);
    return 0;
  }
  if (stage == Stage::original)
    keep_parts(items, parts_folder(store.keep_original(link, list_of(items))));
  else
    objects = patched_objects(store, link, items, objects);
  pass_on(stdout, joined(objects));
  return 0;
}

} // namespace care::cc
