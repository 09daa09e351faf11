#include <numeric>
#include <vector>
extern "C" int word(int a) {
  std::vector<int> all(3, a);
  return std::accumulate(all.begin(), all.end(), 0);
}
