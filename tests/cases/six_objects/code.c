/* Built five times, as libone.so to libfive.so; NAME is the function. */
#include <string.h>

#include "case.h"

EXPORT void NAME(char *reply);
void NAME(char *reply) { strcat(reply, "before "); }
