struct A { virtual int f(); virtual int g(); };
namespace { struct B : A { int f() override { return 2; } int g() override { return 3; } }; }
A *make() { return new B; }
