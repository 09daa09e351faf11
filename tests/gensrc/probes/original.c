/* A SystemTap probe as <sys/sdt.h> writes it: a note that names a place in the code. */
#define PROBE(name)                                                                     \
  __asm__ volatile("990: nop\n"                                                         \
                   ".pushsection .note.stapsdt,\"?\",\"note\"\n"                        \
                   ".balign 4\n .4byte 992f-991f, 994f-993f, 3\n"                       \
                   "991: .asciz \"stapsdt\"\n992: .balign 4\n"                          \
                   "993: .8byte 990b\n .8byte _.stapsdt.base\n .8byte 0\n"              \
                   ".asciz \"prov\"\n .asciz \"" name "\"\n .asciz \"\"\n"              \
                   "994: .balign 4\n.popsection\n"                                      \
                   ".ifndef _.stapsdt.base\n"                                           \
                   ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
                   ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"                     \
                   "_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n"                \
                   ".popsection\n.endif\n")
int f(int x) { PROBE("begin"); return x * 5 + 1; }
int g(int x) { PROBE("end"); return x * 7 + 1; }
int h(int x) { return x * 9; }
