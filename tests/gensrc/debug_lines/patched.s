# What ends a debug section may stand on a line of data or behind a string.
	.text
	.globl	first
	.type	first, @function
first:
	movl	$1, %eax
	ret
	.size	first, .-first
	.section	.debug_str,"MS",@progbits,1
.LASF0:
	.string	"a;b # c"
	.string	"/* no comment"
.LASF1: .string "\"; .text"
	.long	1; .text
	.globl	second
	.type	second, @function
second:
	movl	$22, %eax
	ret
	.size	second, .-second
	.section	.debug_info,"",@progbits
	.long	.LASF0	/* a comment
	.long	7 */
	.byte	1 # ; .data
	.uleb128 0x3
	.text
	.globl	third
	.type	third, @function
third:
	movl	$33, %eax
	ret
	.size	third, .-third
	.section	.note.GNU-stack,"",@progbits
