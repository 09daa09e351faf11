// SPDX-License-Identifier: GPL-2.0-or-later
//
// Decodes good.h265 (six pictures of 96 by 80) with two worker threads; the sum over all
// samples must be what it was the first time.
#include <libde265/de265.h>

#include "host.h"

enum { STREAM_MOST = 1 << 16, NOTHING = 0 };

struct stream {
  uint8_t bytes[STREAM_MOST];
  size_t size;
} good;

static void read_stream(struct stream *stream, const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file) {
    perror(name);
    exit(1);
  }
  stream->size = fread(stream->bytes, 1, STREAM_MOST, file);
  fclose(file);
}

static uint64_t sum_of(const struct de265_image *image, uint64_t sum) {
  for (int plane = 0; plane < 3; plane++) {
    int stride, width = de265_get_image_width(image, plane);
    const uint8_t *row = de265_get_image_plane(image, plane, &stride);
    for (int y = 0; row && y < de265_get_image_height(image, plane); y++, row += stride)
      for (int x = 0; x < width; x++)
        sum = (sum ^ row[x]) * 0x100000001b3; // FNV-1a
  }
  return sum;
}

// Of all pictures; NOTHING when there are none.
static uint64_t decode(const struct stream *stream, int threads) {
  de265_decoder_context *decoder = de265_new_decoder();
  uint64_t sum = NOTHING;
  int more = 1;
  if (threads)
    de265_start_worker_threads(decoder, threads);
  de265_push_data(decoder, stream->bytes, (int)stream->size, 0, NULL);
  de265_flush_data(decoder);
  for (int steps = 0; more && steps < 1000; steps++) {
    if (de265_decode(decoder, &more) != DE265_OK)
      more = 0;
    for (const struct de265_image *image; (image = de265_get_next_picture(decoder));)
      sum = sum_of(image, sum + 1);
  }
  de265_free_decoder(decoder);
  return sum;
}

static uint64_t expected;

static void prepare(void) {
  read_stream(&good, STREAMS "/good.h265");
  expected = decode(&good, 2);
}

static const char *work(void) {
  return expected != NOTHING && decode(&good, 2) == expected ? "ok" : "other pictures";
}

// A broken stream's pictures depend on other memory that nobody set, too: before the fix and
// with it.
static const char *fault(void) {
  return "unseen";
}
