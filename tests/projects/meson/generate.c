#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL, *out = argc == 3 ? fopen(argv[2], "w") : NULL;
  char line[80];
  if (!in || !out)
    return 1;
  fprintf(out, "const char *word(unsigned n) {\n  switch (n) {\n");
  for (int n = 0; fgets(line, sizeof line, in); n++) {
    line[strcspn(line, "\n")] = '\0';
    fprintf(out, "  case %d: return \"%s\";\n", n, line);
  }
  fprintf(out, "  }\n  return \"none\";\n}\n");
  return fclose(out);
}
