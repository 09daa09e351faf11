// A plug-in, whose code throws: its patch is registered in the unwinder.
#include <cstring>
#include <stdexcept>

extern "C" __attribute__((visibility("default"))) void answer(const char *request, char *reply) {
  try {
    if (request[0] == 'a')
      throw std::runtime_error("before");
    strcpy(reply, "?");
  } catch (const std::runtime_error &e) {
    strcpy(reply, e.what());
  }
}
