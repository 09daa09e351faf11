#include <stdexcept>
void g(int);
struct Guard { ~Guard(); };
int f(int x) { Guard guard; try { g(x); } catch (const std::runtime_error &) { throw std::logic_error("worse"); } return x; }
int h(int x) { Guard guard; try { g(x); } catch (int e) { return e; } return x; }
