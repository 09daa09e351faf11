// The way out of refuse_typeinfo: the changed class has another name.
struct Broken { int code; };
struct Missing { int code; };
struct Failure2 : Missing { };
__attribute__((noinline)) void check(int n) { if (n) throw Failure2(); }
