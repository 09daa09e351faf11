int now(void);
int ready;
__attribute__((constructor)) void init(void) { ready = now(); }
