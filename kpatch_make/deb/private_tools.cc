// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/private_tools.h"

#include <cstring>
#include <elf.h>
#include <filesystem>
#include <sstream>

#include "kpatch_make/build/compilers.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

// The program header of the interpreter, in `bytes`.
Elf64_Phdr *interpreter_header(std::string &bytes, const std::string &path) {
  Elf64_Ehdr header;
  if (bytes.size() < sizeof header)
    throw error(ExitCode::bad_input, "{}: no ELF file", path);
  std::memcpy(&header, bytes.data(), sizeof header);
  size_t end = header.e_phoff + size_t{header.e_phnum} * sizeof(Elf64_Phdr);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || end > bytes.size() ||
      header.e_phentsize != sizeof(Elf64_Phdr))
    throw error(ExitCode::bad_input, "{}: no ELF file of 64 bits", path);
  auto *table = reinterpret_cast<Elf64_Phdr *>(bytes.data() + header.e_phoff);
  for (size_t i = 0; i < header.e_phnum; i++)
    if (table[i].p_type == PT_INTERP)
      return &table[i];
  return nullptr;
}

std::string interpreter_of(const std::string &path) {
  std::string bytes = read_file(path);
  Elf64_Phdr *header = interpreter_header(bytes, path);
  if (header == nullptr)
    return {};
  return bytes.substr(header->p_offset, header->p_filesz).c_str();
}

// fs::copy_file calls a full disk an "input/output error".
void copy_once(const std::string &from, const std::string &to, mode_t mode) {
  if (!fs::exists(to))
    write_file(to, read_file(from), mode);
}

// Lines of `ld.so --list`: "libfmt.so.9 => /lib/libfmt.so.9 (0x7f...)".
void copy_libraries(const std::string &loader, const std::string &program,
                    const std::string &folder) {
  Command command;
  command.argv = {loader, "--list", program};
  command.capture = true;
  Outcome outcome = run(command);
  if (!outcome.ok())
    throw error("cannot list the libraries of {}:\n{}", program, outcome.output);
  std::istringstream lines(outcome.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, arrow, path;
    words >> name >> arrow >> path;
    if (arrow == "=>" && path.starts_with('/'))
      copy_once(path, folder + "/" + name, 0644);
  }
}

void copy_program(const std::string &program, const std::string &folder) {
  std::string copy = folder + "/bin/" + fs::path(program).filename().string();
  copy_once(program, copy, 0755);
  std::string loader = interpreter_of(program);
  if (loader.empty())
    return; // linked statically: it needs nothing
  std::string libraries = folder + "/lib/private";
  copy_libraries(loader, program, libraries);
  copy_once(loader, libraries + "/ld.so", 0755);
  set_interpreter(copy, libraries + "/ld.so");
}

} // namespace

void set_interpreter(const std::string &program, const std::string &interpreter) {
  std::string bytes = read_file(program);
  Elf64_Phdr *header = interpreter_header(bytes, program);
  if (header == nullptr)
    throw error(ExitCode::bad_input, "{}: has no interpreter", program);
  header->p_offset = bytes.size();
  header->p_filesz = header->p_memsz = interpreter.size() + 1;
  bytes += interpreter + '\0';
  write_file(program, bytes, 0755);
}

std::string make_private_tools(const std::string &folder) {
  fs::create_directories(folder + "/bin");
  fs::create_directories(folder + "/lib/private");
  std::string kpatch_cc = find_tool("KPATCH_CC", "kpatch_cc");
  copy_program(kpatch_cc, folder);
  copy_program(find_tool("KPATCH_GENSRC", "kpatch_gensrc"), folder);
  // kpatch.h, which kpatch_cc finds from where it lies.
  std::string headers = "/share/libcare";
  fs::path beside = fs::path(kpatch_cc).parent_path().parent_path().string() + headers;
  if (fs::exists(beside)) {
    fs::create_directories(folder + headers);
    fs::copy(beside, folder + headers, fs::copy_options::recursive);
  }
  return folder + "/bin/" + fs::path(kpatch_cc).filename().string();
}

} // namespace care::make
