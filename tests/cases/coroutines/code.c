/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Coroutines of several makes. Each calls work(), which the fix changes, is switched out
 * in it at the first request and behind it at the second; the return address into
 * work() is then still there, below the stack's used part.
 *
 * Requests: "MAKE enter", "MAKE leave"; "handler" and "thread" leave such an address on
 * an alternate signal stack and on a thread's stack. The answer ends with what work()
 * says. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "case.h"

#define NOINLINE __attribute__((noinline))

enum { STACK = 256 * 1024 };

static void yield(void);

/* Deep enough that what it leaves behind is not written over by a shorter call. */
NOINLINE const char *work(int stay) {
  volatile char deep[4096];
  deep[0] = deep[4095] = 1;
  if (stay)
    yield();
  return deep[0] ? "before" : "";
}

static int wrong;

static void body(void) {
  for (;;) {
    if (work(1)[0] == '\0')
      wrong++;
    yield();
  }
}

/* ---- ucontext ---- */
static ucontext_t uc_main, uc_body;

static void uc_resume(void) {
  if (!uc_body.uc_stack.ss_sp) {
    getcontext(&uc_body);
    uc_body.uc_stack.ss_sp = malloc(STACK);
    uc_body.uc_stack.ss_size = STACK;
    makecontext(&uc_body, body, 0);
  }
  swapcontext(&uc_main, &uc_body);
}

static void uc_yield(void) { swapcontext(&uc_body, &uc_main); }

/* ---- as boost.context: registers on the stack, their address is the context ---- */
void *fc_jump(void *to, void **from);
__asm__(".text\n.globl fc_jump\n.hidden fc_jump\n.type fc_jump,@function\nfc_jump:\n.cfi_startproc\n"
        "lea -0x38(%rsp), %rsp\n.cfi_adjust_cfa_offset 0x38\n"
        "stmxcsr (%rsp)\nfnstcw 4(%rsp)\n"
        "mov %r12, 8(%rsp)\nmov %r13, 0x10(%rsp)\nmov %r14, 0x18(%rsp)\nmov %r15, 0x20(%rsp)\n"
        "mov %rbx, 0x28(%rsp)\nmov %rbp, 0x30(%rsp)\n"
        "mov %rsp, (%rsi)\n"
        "mov %rdi, %rsp\n"
        "ldmxcsr (%rsp)\nfldcw 4(%rsp)\n"
        "mov 8(%rsp), %r12\nmov 0x10(%rsp), %r13\nmov 0x18(%rsp), %r14\nmov 0x20(%rsp), %r15\n"
        "mov 0x28(%rsp), %rbx\nmov 0x30(%rsp), %rbp\n"
        "lea 0x38(%rsp), %rsp\n.cfi_adjust_cfa_offset -0x38\nret\n"
        ".cfi_endproc\n.size fc_jump, .-fc_jump\n");

static void *fc_main, *fc_body;

static void fc_resume(void) {
  if (!fc_body) {
    uint64_t *top = (uint64_t *)((char *)malloc(STACK) + STACK - 64);
    top[0] = 0; /* where body() would return to */
    top[-1] = (uint64_t)body;
    top[-8] = 0x037f00001f80;
    fc_body = &top[-8];
  }
  fc_jump(fc_body, &fc_main);
}

static void fc_yield(void) { fc_jump(fc_main, &fc_body); }

/* ---- as libco: registers in the low end of the stack's memory ---- */
void co_swap(uint64_t *to, uint64_t *from);
__asm__(".text\n.globl co_swap\n.hidden co_swap\n.type co_swap,@function\nco_swap:\n.cfi_startproc\n"
        "mov %rsp, (%rsi)\nmov (%rdi), %rsp\n.cfi_undefined rip\npop %rax\n"
        "mov %rbp, 8(%rsi)\nmov %rbx, 16(%rsi)\nmov %r12, 24(%rsi)\nmov %r13, 32(%rsi)\n"
        "mov %r14, 40(%rsi)\nmov %r15, 48(%rsi)\n"
        "mov 8(%rdi), %rbp\nmov 16(%rdi), %rbx\nmov 24(%rdi), %r12\nmov 32(%rdi), %r13\n"
        "mov 40(%rdi), %r14\nmov 48(%rdi), %r15\n"
        "jmp *%rax\n.cfi_endproc\n.size co_swap, .-co_swap\n");

static uint64_t co_main[8], *co_body;
static void (*volatile co_switch_function)(uint64_t *, uint64_t *) = co_swap;

static void co_crash(void) { abort(); }

static void co_resume(void) {
  if (!co_body) {
    co_body = malloc(STACK);
    uint64_t *top = co_body + STACK / 8 - 8;
    *--top = (uint64_t)co_crash;
    *--top = (uint64_t)body;
    co_body[0] = (uint64_t)top;
  }
  co_switch_function(co_body, co_main);
}

static void co_yield_(void) { co_switch_function(co_main, co_body); }

/* ---- as QEMU's sigaltstack backend: a stack that a signal handler was called on ---- */
static sigjmp_buf sj_main, sj_body;
static volatile int sj_started;

static void sj_trampoline(int unused) {
  (void)unused;
  if (!sigsetjmp(sj_body, 0)) {
    sj_started = 1;
    return;
  }
  body();
}

static void sj_resume(void) {
  if (!sj_started) {
    stack_t stack = {.ss_sp = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                     .ss_size = STACK};
    stack_t off = {.ss_flags = SS_DISABLE};
    struct sigaction action = {.sa_handler = sj_trampoline, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    sigaltstack(&off, NULL);
  }
  if (!sigsetjmp(sj_main, 0))
    siglongjmp(sj_body, 1);
}

static void sj_yield(void) {
  if (!sigsetjmp(sj_body, 0))
    siglongjmp(sj_main, 1);
}

/* ---- which of them ---- */
static const struct make {
  const char *name;
  void (*resume)(void);
  void (*yield)(void);
} makes[] = {{"ucontext", uc_resume, uc_yield},
             {"fcontext", fc_resume, fc_yield},
             {"libco", co_resume, co_yield_},
             {"sigaltstack", sj_resume, sj_yield}};
static const struct make *running;

static void yield(void) { running->yield(); }

static volatile int called;

static void on_signal(int unused) {
  (void)unused;
  called += work(0)[0];
}

static void *run(void *unused) {
  called += work(0)[0];
  return unused;
}

void answer(const char *request, char *reply) {
  for (size_t i = 0; i < sizeof makes / sizeof *makes; i++) {
    if (strncmp(request, makes[i].name, strlen(makes[i].name)) == 0) {
      running = &makes[i];
      running->resume();
    }
  }
  if (strcmp(request, "handler") == 0) {
    stack_t stack = {.ss_sp = malloc(STACK), .ss_size = STACK};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
  } else if (strcmp(request, "thread") == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
  }
  sprintf(reply, "%s %s", request, wrong ? "wrong" : work(0));
}
