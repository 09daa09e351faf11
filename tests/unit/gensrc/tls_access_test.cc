// SPDX-License-Identifier: GPL-2.0-or-later
//
// New thread-local variables: what becomes of the code of each model. That it runs
// is shown by the case tls_new; how a slot's value gets into an instruction of any
// form, with flags and red zone kept, by extern_access_test.cc.
#include <gtest/gtest.h>

#include "kpatch_gensrc/emit/extern_access.h"
#include "kpatch_gensrc/generate.h"

namespace care::gensrc {
namespace {

std::string load(std::string_view instruction) {
  return load_values(instruction, {{"x.tpoff", "x.tpoff(%rip)"}}, false);
}

TEST(TlsAccess, OffsetComesFromTheSlot) {
  EXPECT_EQ(load("movl\t%fs:x.tpoff, %eax"),
            "\tmovq\tx.tpoff(%rip), %rax\n\tmovl\t%fs:(%rax), %eax\n");
  EXPECT_EQ(load("movl\t%fs:x.tpoff+4(,%rcx,4), %eax"),
            "\tmovq\tx.tpoff(%rip), %rax\n\tmovl\t%fs:4(%rax,%rcx,4), %eax\n");
  EXPECT_EQ(load("addq\t$x.tpoff, %rax"), "\taddq\tx.tpoff(%rip), %rax\n");
  EXPECT_EQ(load("leaq\tx.tpoff(%rax,%rdi,4), %rdx"),
            "\tmovq\tx.tpoff(%rip), %rdx\n\tleaq\t(%rax,%rdx,1), %rdx\n"
            "\tleaq\t(%rdx,%rdi,4), %rdx\n");
  EXPECT_EQ(load("call\t*%fs:x.tpoff"), "\tmovq\tx.tpoff(%rip), %r11\n\tcall\t*%fs:(%r11)\n");
}

// What is appended when f, which did nothing, gets `code` and a new variable `fresh`.
std::string appended(const std::string &code) {
  auto unit = [](const std::string &body, const std::string &data) {
    return "\t.text\n\t.globl\tf\n\t.type\tf, @function\nf:\n" + body + "\tret\n\t.size\tf, .-f\n" +
           "\t.section\t.tdata,\"awT\",@progbits\n\t.globl\told\n\t.type\told, @object\n"
           "\t.size\told, 4\nold:\n\t.long\t1\n" +
           data;
  };
  std::string fresh = "\t.type\tfresh, @object\n\t.size\tfresh, 4\nfresh:\n\t.long\t7\n";
  return generate("a.s", unit("\tnop\n", ""), "b.s", unit(code, fresh)).appended;
}

bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST(TlsAccess, GeneralDynamicCallIsReplaced) {
  for (const char *call :
       {"\tdata16\tleaq\tfresh@tlsgd(%rip), %rdi\n\t.value\t0x6666\n\trex64\n"
        "\tcall\t__tls_get_addr@PLT\n",
        "\tdata16\n\tleaq\tfresh@TLSGD(%rip), %rdi\n\tdata16\n\tdata16\n\trex64\n"
        "\tcallq\t__tls_get_addr@PLT\n",
        "\tdata16\tleaq\tfresh@tlsgd(%rip), %rdi\n\t.byte\t0x66\n\trex64\n"
        "\tcall\t*__tls_get_addr@GOTPCREL(%rip)\n"}) {
    std::string out = appended(call);
    EXPECT_TRUE(has(out, "\tmovq\t%fs:0, %rax\n\taddq\tfresh.tpoff(%rip), %rax\n\tret\n")) << out;
    EXPECT_TRUE(has(out, ".kpatch.tdata")) << out;
  }
}

TEST(TlsAccess, LocalDynamicCountsFromTheThreadOrFromTheBlock) {
  std::string start = "\tleaq\tfresh@tlsld(%rip), %rdi\n\tcall\t__tls_get_addr@PLT\n";
  std::string only_new = appended(start + "\tmovl\tfresh@dtpoff(%rax), %edx\n");
  EXPECT_TRUE(has(only_new, "\tmovq\t%fs:0, %rax\n\tmovq\tfresh.tpoff(%rip), %rdx\n"
                            "\tmovl\t(%rax,%rdx,1), %edx\n"))
      << only_new;
  std::string both =
      appended(start + "\taddl\told@dtpoff(%rax), %ecx\n\tmovl\tfresh@dtpoff(%rax), %edx\n");
  EXPECT_TRUE(has(both, "\tleaq\told@tlsld(%rip), %rdi\n\tcall\t__tls_get_addr@PLT\n")) << both;
  EXPECT_TRUE(has(both, "\tmovq\tfresh.dtpoff(%rip), %rdx\n")) << both;
  EXPECT_TRUE(has(both, ".kpatch.dtpoff")) << both;
}

TEST(TlsAccess, DescriptorAndInitialExecReadTheSlot) {
  std::string descriptor =
      appended("\tleaq\tfresh@TLSDESC(%rip), %rax\n\tcall\t*fresh@TLSCALL(%rax)\n");
  EXPECT_TRUE(has(descriptor, "\tmovq\tfresh.tpoff(%rip), %rax\n\tret\n")) << descriptor;
  std::string initial = appended("\taddq\tfresh@gottpoff(%rip), %rcx\n");
  EXPECT_TRUE(has(initial, "\taddq\tfresh.tpoff(%rip), %rcx\n")) << initial;
}

} // namespace
} // namespace care::gensrc
