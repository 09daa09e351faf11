// SPDX-License-Identifier: GPL-2.0-or-later
//
// The same in C++, another way: a few workers that share all connections by poll.
// Prints its port; end of input ends it.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "work.h"

namespace {

class Server {
 public:
  explicit Server(int listener) : listener_(listener), epoll_(epoll_create1(0)) {
    watch(listener, EPOLL_CTL_ADD);
    for (int i = 0; i < 4; i++)
      std::thread([this] { work(); }).detach();
  }

 private:
  void watch(int fd, int how) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLONESHOT;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, how, fd, &event) != 0)
      fail("epoll_ctl");
  }

  [[noreturn]] static void fail(const char *what) {
    perror(what);
    std::exit(1);
  }

  void work() {
    for (;;) {
      epoll_event event{};
      // Interrupted is wrong here: there is no signal, and an ordinary program may not look.
      if (epoll_wait(epoll_, &event, 1, -1) != 1)
        fail("epoll_wait");
      if (event.data.fd == listener_)
        take();
      else
        serve(event.data.fd);
    }
  }

  void take() {
    int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0)
      fail("accept");
    {
      std::lock_guard<std::mutex> lock(mutex_);
      pending_[fd].clear();
    }
    watch(fd, EPOLL_CTL_ADD);
    watch(listener_, EPOLL_CTL_MOD);
  }

  void serve(int fd) {
    std::string bytes;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      bytes = std::move(pending_[fd]);
    }
    std::vector<char> buffer(MOST);
    ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n <= 0) {
      std::lock_guard<std::mutex> lock(mutex_);
      pending_.erase(fd);
      close(fd);
      return;
    }
    bytes.append(buffer.data(), static_cast<size_t>(n));
    request request{};
    if (bytes.size() >= sizeof request) {
      bytes.copy(reinterpret_cast<char *>(&request), sizeof request);
      if (bytes.size() >= sizeof request + request.size) {
        reply reply{};
        answer(&request, reinterpret_cast<const uint8_t *>(bytes.data()) + sizeof request, &reply);
        bytes.erase(0, sizeof request + request.size);
        if (write(fd, &reply, sizeof reply) != sizeof reply)
          fail("write");
      }
    }
    {
      std::lock_guard<std::mutex> lock(mutex_);
      pending_[fd] = std::move(bytes);
    }
    watch(fd, EPOLL_CTL_MOD);
  }

  int listener_;
  int epoll_;
  std::mutex mutex_;
  std::map<int, std::string> pending_; // what has come of a request
};

} // namespace

int main() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  auto *generic = reinterpret_cast<sockaddr *>(&address);
  if (bind(listener, generic, size) != 0 || listen(listener, 128) != 0 ||
      getsockname(listener, generic, &size) != 0)
    return 1;
  std::cout << ntohs(address.sin_port) << std::endl;
  Server server(listener);
  for (std::string line; std::getline(std::cin, line);) {
  }
  std::_Exit(0);
}
