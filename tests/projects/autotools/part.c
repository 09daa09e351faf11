#include "config.h"
#if !HAVE_FORK || HAVE_NO_SUCH_FUNCTION
#error configure is misled
#endif
int word(int a);
int part(int a) {
  return word(a);
}
