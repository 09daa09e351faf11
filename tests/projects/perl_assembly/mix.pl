#! /usr/bin/env perl
my $output = pop;
open STDOUT, ">", $output or die;
my @regs = ("%edi", "%eax");
print ".text\n.globl mix\n.hidden mix\n.type mix,\@function\n.align 32\nmix:\n.cfi_startproc\n";
print "\tmovl\t$regs[0],$regs[1]\n", "\taddl\t$regs[1],$regs[1]\n", "\taddl\t.Lsmall(%rip),$regs[1]\n";
print "\tret\n.cfi_endproc\n.size mix,.-mix\n";
print ".section .rodata\n.align 16\n.Lsmall:\n.long 1\n.section .note.GNU-stack,\"\",\@progbits\n";
