#include <stdio.h>

#include "case.h"

int helper_old(void);

void answer(const char *request, char *reply) { sprintf(reply, "%s %d", request, helper_old()); }
