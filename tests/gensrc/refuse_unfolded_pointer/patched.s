	.text
	.type	one, @function
one:
	leal	1(%rdi), %eax
	ret
	.size	one, .-one
	.type	two, @function
two:
	leal	2(%rdi), %eax
	ret
	.size	two, .-two
	.globl	use
	.type	use, @function
use:
	leaq	two(%rip), %rax
	ret
	.size	use, .-use
