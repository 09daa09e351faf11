/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Waits without an end of their own. */
#include "blocked.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char byte;
static int fd;

static void write_pipe(void) {
  require_zero(write(pipe_ends[1], "x", 1) != 1, "write");
}
static void signal_waiter(void) {
  pthread_kill(waiter, SIGUSR1);
}
static void ignore(int signal) {
  (void)signal;
}

static void handle_signal(void) {
  struct sigaction action = {.sa_handler = ignore}; /* no SA_RESTART */
  sigaction(SIGUSR1, &action, NULL);
}

static void block_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static const char *wait_read(void) {
  return describe(read(pipe_ends[0], &byte, 1), 1);
}

/* A signal with a handler ends it, as without us. */
static const char *wait_read_signal(void) {
  long result = read(pipe_ends[0], &byte, 1);
  return result == -1 && errno == EINTR ? NULL : describe(result, -1) ?: strerror(errno);
}

static void fill_pipe(void) {
  static char page[4096];
  fcntl(pipe_ends[1], F_SETFL, O_NONBLOCK);
  while (write(pipe_ends[1], page, sizeof page) > 0) {
  }
  fcntl(pipe_ends[1], F_SETFL, 0);
}
static const char *wait_write(void) {
  return describe(write(pipe_ends[1], "x", 1), 1);
}
static void drain_pipe(void) {
  static char page[65536];
  require_zero(read(pipe_ends[0], page, sizeof page) <= 0, "read");
}

static int futex_word;
static const char *wait_futex(void) {
  return describe(syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, NULL, NULL, 0), 0);
}
static void wake_futex(void) {
  syscall(SYS_futex, &futex_word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static sem_t semaphore;
static const char *wait_semaphore(void) {
  return describe(sem_wait(&semaphore), 0);
}
static void wake_semaphore(void) {
  sem_post(&semaphore);
}

static struct epoll_event event;
static void prepare_epoll(void) {
  struct epoll_event wanted = {.events = EPOLLIN};
  fd = epoll_create1(0);
  require_zero(epoll_ctl(fd, EPOLL_CTL_ADD, pipe_ends[0], &wanted), "epoll_ctl");
}
static const char *wait_epoll(void) {
  return describe(epoll_wait(fd, &event, 1, -1), 1);
}
static const char *wait_epoll_pwait(void) {
  sigset_t set;
  sigemptyset(&set);
  return describe(epoll_pwait(fd, &event, 1, -1, &set), 1);
}
/* A handler's return is EINTR here, whatever SA_RESTART says. */
static void prepare_epoll_signal(void) {
  prepare_epoll();
  handle_signal();
}
static const char *wait_epoll_signal(void) {
  long result = epoll_wait(fd, &event, 1, -1);
  return result == -1 && errno == EINTR ? NULL : describe(result, -1) ?: strerror(errno);
}

static const char *wait_poll(void) {
  struct pollfd p = {pipe_ends[0], POLLIN, 0};
  return describe(poll(&p, 1, -1), 1);
}
static const char *wait_select(void) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(pipe_ends[0], &set);
  return describe(select(pipe_ends[0] + 1, &set, NULL, NULL, NULL), 1);
}

static struct sockaddr_in address = {.sin_family = AF_INET};
static void prepare_accept(void) {
  socklen_t size = sizeof address;
  fd = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require_zero(bind(fd, (struct sockaddr *)&address, size), "bind");
  require_zero(listen(fd, 1), "listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
}
static const char *wait_accept(void) {
  return describe(accept(fd, NULL, NULL) > 0, 1);
}
static void wake_accept(void) {
  int client = socket(AF_INET, SOCK_STREAM, 0);
  require_zero(connect(client, (struct sockaddr *)&address, sizeof address), "connect");
}

static const char *wait_sigtimedwait(void) {
  sigset_t set;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  return describe(sigwaitinfo(&set, &info), SIGUSR1);
}
static const char *wait_sigsuspend(void) {
  sigset_t set;
  sigfillset(&set);
  sigdelset(&set, SIGUSR1);
  return describe(sigsuspend(&set), -1);
}
static const char *wait_pause(void) {
  return describe(pause(), -1);
}

static const char *wait_nanosleep_signal(void) {
  struct timespec wanted = {1000, 0}, left = {0, 0};
  long result = nanosleep(&wanted, &left);
  if (result != -1 || errno != EINTR)
    return describe(result, -1) ?: strerror(errno);
  /* Its remaining time is about what is left of it. */
  return left.tv_sec > 500 && left.tv_sec < 1000 ? NULL : describe(left.tv_sec, 999);
}

static int ipc_id;
static void remove_semaphores(void) {
  semctl(ipc_id, 0, IPC_RMID);
}
static void prepare_semop(void) {
  ipc_id = semget(IPC_PRIVATE, 1, 0600);
  require_zero(ipc_id < 0, "semget");
  atexit(remove_semaphores);
}
static const char *wait_semop(void) {
  struct sembuf take = {0, -1, 0};
  return describe(semop(ipc_id, &take, 1), 0);
}
static void wake_semop(void) {
  struct sembuf give = {0, 1, 0};
  semop(ipc_id, &give, 1);
}

static struct {
  long type;
  char text[8];
} message = {1, "x"};
static void remove_messages(void) {
  msgctl(ipc_id, IPC_RMID, NULL);
}
static void prepare_messages(void) {
  ipc_id = msgget(IPC_PRIVATE, 0600);
  require_zero(ipc_id < 0, "msgget");
  atexit(remove_messages);
}
static const char *wait_msgrcv(void) {
  return describe(msgrcv(ipc_id, &message, 8, 0, 0), 1);
}
static void wake_msgrcv(void) {
  msgsnd(ipc_id, &message, 1, 0);
}

static mqd_t queue;
static void prepare_mqueue(void) {
  char name[64];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  snprintf(name, sizeof name, "/libcare-test-%d", getpid());
  queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
  require_zero(queue == (mqd_t)-1, "mq_open");
  mq_unlink(name);
}
static const char *wait_mqueue(void) {
  char text[8];
  return describe(mq_receive(queue, text, sizeof text, NULL), 1);
}
static void wake_mqueue(void) {
  mq_send(queue, "x", 1, 0);
}

static pid_t child;
static void prepare_child(void) {
  child = fork();
  if (child == 0) {
    (void)!read(pipe_ends[0], &byte, 1);
    _exit(0);
  }
}
static const char *wait_child(void) {
  return describe(waitpid(child, NULL, 0), child);
}

static void prepare_lock(void) {
  char name[] = "/tmp/libcare-lock.XXXXXX";
  int ready[2];
  fd = mkstemp(name);
  require_zero(pipe(ready), "pipe");
  child = fork();
  if (child == 0) {
    flock(open(name, O_RDWR), LOCK_EX);
    (void)!write(ready[1], "x", 1);
    (void)!read(pipe_ends[0], &byte, 1);
    _exit(0);
  }
  (void)!read(ready[0], &byte, 1);
  unlink(name);
}
static const char *wait_flock(void) {
  return describe(flock(fd, LOCK_EX), 0);
}

static aio_context_t aio;
static int aio_event;
static struct iocb control;
static struct iocb *controls[] = {&control};
static void prepare_aio(void) {
  aio_event = eventfd(0, 0);
  require_zero(syscall(SYS_io_setup, 1, &aio), "io_setup");
  control.aio_lio_opcode = 5; /* IOCB_CMD_POLL */
  control.aio_fildes = (unsigned)pipe_ends[0];
  control.aio_buf = POLLIN;
  require_zero(syscall(SYS_io_submit, aio, 1, controls) != 1, "io_submit");
}
static const char *wait_aio(void) {
  struct io_event done;
  return describe(syscall(SYS_io_getevents, aio, 1, 1, &done, NULL), 1);
}

/* One read of the pipe, submitted before; then a wait for its completion. */
static void prepare_uring(void) {
  struct io_uring_params p = {0};
  fd = (int)syscall(SYS_io_uring_setup, 1, &p);
  require_zero(fd < 0, "io_uring_setup");
  char *ring = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                    IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry =
      mmap(NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES);
  *entry = (struct io_uring_sqe){
      .opcode = IORING_OP_READ, .fd = pipe_ends[0], .addr = (uintptr_t)&byte, .len = 1};
  *(unsigned *)(ring + p.sq_off.array) = 0;
  __atomic_store_n((unsigned *)(ring + p.sq_off.tail), 1, __ATOMIC_RELEASE);
  require_zero(syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1, "io_uring_enter");
}
static const char *wait_uring(void) {
  return describe(syscall(SYS_io_uring_enter, fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0), 0);
}

static char watched[] = "/tmp/libcare-watched.XXXXXX";
static void remove_watched(void) {
  unlink(watched);
}
static void prepare_inotify(void) {
  close(mkstemp(watched));
  atexit(remove_watched);
  fd = inotify_init();
  require_zero(inotify_add_watch(fd, watched, IN_OPEN) < 0, "inotify_add_watch");
}
static const char *wait_inotify(void) {
  char events[4096];
  return describe(read(fd, events, sizeof events) > 0, 1);
}
static void wake_inotify(void) {
  close(open(watched, O_RDONLY));
}

static void prepare_eventfd(void) {
  fd = eventfd(0, 0);
}
static const char *wait_eventfd(void) {
  uint64_t value;
  return describe(read(fd, &value, 8), 8);
}
static void wake_eventfd(void) {
  uint64_t value = 1;
  require_zero(write(fd, &value, 8) != 8, "write");
}

static void prepare_signalfd(void) {
  sigset_t set;
  block_signal();
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  fd = signalfd(-1, &set, 0);
}
static const char *wait_signalfd(void) {
  struct signalfd_siginfo info;
  return describe(read(fd, &info, sizeof info), sizeof info);
}

const struct Way kPlainWays[] = {
    {"read", NULL, wait_read, write_pipe},
    {"read_signal", handle_signal, wait_read_signal, signal_waiter},
    {"write", fill_pipe, wait_write, drain_pipe},
    {"futex", NULL, wait_futex, wake_futex},
    {"sem_wait", NULL, wait_semaphore, wake_semaphore},
    {"epoll_wait", prepare_epoll, wait_epoll, write_pipe},
    {"epoll_pwait", prepare_epoll, wait_epoll_pwait, write_pipe},
    {"epoll_signal", prepare_epoll_signal, wait_epoll_signal, signal_waiter},
    {"poll", NULL, wait_poll, write_pipe},
    {"select", NULL, wait_select, write_pipe},
    {"accept", prepare_accept, wait_accept, wake_accept},
    {"sigwaitinfo", block_signal, wait_sigtimedwait, signal_waiter},
    {"sigsuspend", handle_signal, wait_sigsuspend, signal_waiter},
    {"pause", handle_signal, wait_pause, signal_waiter},
    {"nanosleep_signal", handle_signal, wait_nanosleep_signal, signal_waiter},
    {"semop", prepare_semop, wait_semop, wake_semop},
    {"msgrcv", prepare_messages, wait_msgrcv, wake_msgrcv},
    {"mq_receive", prepare_mqueue, wait_mqueue, wake_mqueue},
    {"waitpid", prepare_child, wait_child, write_pipe},
    {"flock", prepare_lock, wait_flock, write_pipe},
    {"io_getevents", prepare_aio, wait_aio, write_pipe},
    {"io_uring_enter", prepare_uring, wait_uring, write_pipe},
    {"inotify", prepare_inotify, wait_inotify, wake_inotify},
    {"eventfd", prepare_eventfd, wait_eventfd, wake_eventfd},
    {"signalfd", prepare_signalfd, wait_signalfd, signal_waiter},
    {NULL, NULL, NULL, NULL},
};
