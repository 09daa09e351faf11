	.text
	.globl	second
	.type	second, @function
second:
	leaq	first.localalias(%rip), %rax
	addl	$2, %edi
	ret
	.size	second, .-second
	.globl	first
	.type	first, @function
first:
	leal	1(%rdi), %eax
	ret
	.size	first, .-first
	.set	first.localalias,first
	.section	.note.GNU-stack,"",@progbits
