int get(const int *numbers, int at) { return numbers[at + 1]; }
