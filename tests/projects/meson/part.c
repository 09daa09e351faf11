const char *word(unsigned n);
const char *part(int a) {
  return word((unsigned)a);
}
