int helper_old(void) { return 1; }
#ifndef WITHOUT_NEW
int helper_new(void) { return 2; }
#endif
