// SPDX-License-Identifier: GPL-2.0-or-later
//
// Writes an image to memory, reads it back and compares; a palette image is reduced to
// fewer colors on the way, by a histogram. The fault's memory functions put the table of
// distances in front of an inaccessible page; the signal leads back to fault().
#include <png.h>
#include <setjmp.h>
#include <sys/mman.h>

#include "host.h"

enum {
  WIDTH = 64,
  HEIGHT = 48,
  TABLE = 769 * sizeof(void *), // pngrtran.c: one list for each distance
  PAGE = 4096,
  ROOM = (TABLE + PAGE - 1) / PAGE * PAGE,
};

static __thread sigjmp_buf *beyond_the_end;

static void touched(int signal) {
  if (!beyond_the_end)
    _exit(128 + signal);
  siglongjmp(*beyond_the_end, 1);
}

static void prepare(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = touched;
  action.sa_flags = SA_NODEFER;
  sigaction(SIGSEGV, &action, NULL);
}

struct file {
  unsigned char bytes[WIDTH * HEIGHT * 4 + 4096];
  size_t size, read;
};

static void append(png_structp png, png_bytep data, size_t size) {
  struct file *file = png_get_io_ptr(png);
  if (file->size + size > sizeof file->bytes)
    png_error(png, "too large");
  memcpy(file->bytes + file->size, data, size);
  file->size += size;
}
static void no_flush(png_structp png) {
  (void)png;
}
static void take(png_structp png, png_bytep data, size_t size) {
  struct file *file = png_get_io_ptr(png);
  if (file->read + size > file->size)
    png_error(png, "end of file");
  memcpy(data, file->bytes + file->read, size);
  file->read += size;
}

static unsigned char pixel(int x, int y) {
  return (unsigned char)(x * 3 + y * 7 + (x & y));
}

static int written(struct file *file, int type, const png_color *palette) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  unsigned char row[WIDTH];
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    return 0;
  }
  png_set_write_fn(png, file, append, no_flush);
  png_set_IHDR(png, info, WIDTH, HEIGHT, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (palette)
    png_set_PLTE(png, info, palette, 256);
  png_write_info(png, info);
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++)
      row[x] = pixel(x, y);
    png_write_row(png, row);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 1;
}

// Reads the image; with `colors`, reduced to so many of `palette`. How many pixels are
// right: for a reduced one, those that name one of the colors that are left.
static int right_pixels(struct file *file, png_color *palette, int colors) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  unsigned char row[WIDTH];
  volatile int right = 0;
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_read_fn(png, file, take);
  png_read_info(png, info);
  if (colors) {
    png_uint_16 histogram[256];
    for (int i = 0; i < 256; i++)
      histogram[i] = (png_uint_16)(i * 37 % 251 + 1);
    png_set_quantize(png, palette, 256, colors, histogram, 0);
  }
  png_read_update_info(png, info);
  for (int y = 0; y < HEIGHT; y++) {
    png_read_row(png, row, NULL);
    for (int x = 0; x < WIDTH; x++)
      right += colors ? row[x] < colors : row[x] == pixel(x, y);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return right;
}

// 256 colors, of which `seed` makes others.
static void make_palette(png_color *palette, unsigned seed) {
  for (int i = 0; i < 256; i++) {
    seed = seed * 1103515245 + 12345;
    palette[i].red = (png_byte)(seed >> 8);
    palette[i].green = (png_byte)(seed >> 16);
    palette[i].blue = (png_byte)(seed >> 24);
  }
}

static const char *work(void) {
  struct file *file = calloc(1, sizeof *file);
  png_color palette[256];
  const char *answer = "ok";
  make_palette(palette, 1);
  if (!written(file, PNG_COLOR_TYPE_GRAY, NULL) || right_pixels(file, NULL, 0) != WIDTH * HEIGHT)
    answer = "another image";
  memset(file, 0, sizeof *file);
  if (!written(file, PNG_COLOR_TYPE_PALETTE, palette) ||
      right_pixels(file, palette, 16) != WIDTH * HEIGHT)
    answer = "another palette image";
  free(file);
  return answer;
}

static png_voidp guarded_malloc(png_structp png, png_alloc_size_t size) {
  (void)png;
  if (size != TABLE)
    return malloc(size);
  unsigned char *room =
      mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(room + ROOM, PAGE, PROT_NONE);
  return room + ROOM - TABLE;
}
static void guarded_free(png_structp png, png_voidp block) {
  (void)png;
  if (((uintptr_t)block + TABLE) % PAGE == 0)
    munmap((unsigned char *)block + TABLE - ROOM, ROOM + PAGE);
  else
    free(block);
}

static const char *fault(void) {
  png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL, NULL,
                                             guarded_malloc, guarded_free);
  png_color palette[256];
  sigjmp_buf back;
  make_palette(palette, 7);
  if (sigsetjmp(back, 1)) { // what was allocated is lost
    beyond_the_end = NULL;
    return "vulnerable";
  }
  beyond_the_end = &back;
  png_set_quantize(png, palette, 256, 2, NULL, 1);
  beyond_the_end = NULL;
  png_destroy_read_struct(&png, NULL, NULL);
  return "fixed";
}
