// A class that is thrown gets another base: only its type information changes, and with it
// who catches it.
struct Broken { int code; };
struct Missing { int code; };
struct Failure : Broken { };
void check(int n) { if (n) throw Failure(); }
int run(int n) {
  try { check(n); } catch (Broken &) { return 1; } catch (Missing &) { return 2; }
  return 0;
}
