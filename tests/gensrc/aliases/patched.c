/* Names of all kinds for one function, which changes; and one that does not. */
__attribute__((noinline)) int base(int x) { return x * 5 + 2; }
__attribute__((noinline)) int same(int x) { return x * 7 + 1; }
int weak_name(int) __attribute__((weak, alias("base")));
int hidden_name(int) __attribute__((visibility("hidden"), alias("base")));
int protected_name(int) __attribute__((visibility("protected"), alias("base")));
int same_name(int) __attribute__((alias("same")));
__attribute__((weak, noinline)) int weak_function(int x) { return x * 11; }
int use(int x) { return weak_name(x) + hidden_name(x) + same_name(x) + weak_function(x); }
