# Written by hand: without .type for the second, with local labels and data.
	.text
	.globl	first
	.type	first, @function
first:
	xorl	%eax, %eax
1:	addl	%edi, %eax
	decl	%edi
	jnz	1b
	addl	value(%rip), %eax
	ret
	.size	first, .-first
	.globl	second
	.type	second, @function
second:
	leal	5(%rdi), %eax
	ret
	.size	second, .-second
	.data
value:	.long	7
