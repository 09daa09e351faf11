# As gcc folds statics whose address does not matter; here a pointer exists.
	.text
	.type	one, @function
one:
	leal	1(%rdi), %eax
	ret
	.size	one, .-one
	.set	two, one
	.globl	use
	.type	use, @function
use:
	leaq	two(%rip), %rax
	ret
	.size	use, .-use
