// SPDX-License-Identifier: GPL-2.0-or-later
//
// Decodes an .xz file of several blocks with four threads of the library, and compares.
// For the fault a .lzma decoder has used a small dictionary when memory for a larger one
// cannot be had. The vulnerable one then keeps itself, with the size of a dictionary that it
// has not: the next use would write to address 0. The fixed one frees itself. So the
// allocations that are left tell them apart, and nobody comes to harm.
#include <lzma.h>

#include "host.h"

enum { SIZE = 1 << 20, BLOCK = 128 << 10, SMALL = 1 << 16, LARGE = 1 << 22 };

static uint8_t plain[SIZE];
static uint8_t xz[SIZE * 2];
static size_t xz_size;
struct lzma_file {
  uint8_t bytes[4096];
  size_t size;
} small, large;

static void encode_alone(struct lzma_file *file, uint32_t dictionary) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_options_lzma options;
  lzma_lzma_preset(&options, 1);
  options.dict_size = dictionary;
  if (lzma_alone_encoder(&stream, &options) != LZMA_OK)
    exit(1);
  stream.next_in = plain;
  stream.avail_in = 1000;
  stream.next_out = file->bytes;
  stream.avail_out = sizeof file->bytes;
  if (lzma_code(&stream, LZMA_FINISH) != LZMA_STREAM_END)
    exit(1);
  file->size = stream.total_out;
  lzma_end(&stream);
}

static void prepare(void) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_mt options;
  unsigned state = 1;
  for (int i = 0; i < SIZE; i++) {
    state = state * 1103515245 + 12345;
    plain[i] = (uint8_t)(state >> 28) + (uint8_t)(i >> 12);
  }
  memset(&options, 0, sizeof options);
  options.threads = 2;
  options.block_size = BLOCK;
  options.preset = 1;
  options.check = LZMA_CHECK_CRC64;
  if (lzma_stream_encoder_mt(&stream, &options) != LZMA_OK)
    exit(1);
  stream.next_in = plain;
  stream.avail_in = SIZE;
  stream.next_out = xz;
  stream.avail_out = sizeof xz;
  while (lzma_code(&stream, LZMA_FINISH) != LZMA_STREAM_END)
    ;
  xz_size = stream.total_out;
  lzma_end(&stream);
  encode_alone(&small, SMALL);
  encode_alone(&large, LARGE);
}

static const char *work(void) {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_mt options;
  lzma_ret status = LZMA_OK;
  uint8_t *out = malloc(SIZE);
  const char *answer = "ok";
  memset(&options, 0, sizeof options);
  options.threads = 4;
  options.memlimit_threading = options.memlimit_stop = UINT64_MAX;
  if (lzma_stream_decoder_mt(&stream, &options) != LZMA_OK)
    answer = "no decoder";
  stream.next_in = xz;
  stream.next_out = out;
  stream.avail_out = SIZE;
  while (answer[0] == 'o' && status == LZMA_OK) { // in pieces that end in block headers, too
    size_t rest = xz_size - stream.total_in;
    stream.avail_in = rest < 1021 ? rest : 1021;
    status = lzma_code(&stream, stream.avail_in == rest ? LZMA_FINISH : LZMA_RUN);
  }
  if (answer[0] == 'o' && (status != LZMA_STREAM_END || memcmp(out, plain, SIZE) != 0))
    answer = "decoded wrong";
  lzma_end(&stream);
  free(out);
  return answer;
}

// Memory that can be counted and made scarce.
struct memory {
  int blocks;
  size_t largest; // what is larger is refused
};
static void *allocate(void *opaque, size_t count, size_t size) {
  struct memory *memory = opaque;
  void *block = count * size > memory->largest ? NULL : malloc(count * size);
  memory->blocks += block != NULL;
  return block;
}
static void give_back(void *opaque, void *block) {
  struct memory *memory = opaque;
  memory->blocks -= block != NULL;
  free(block);
}

static lzma_ret decode_alone(lzma_stream *stream, const struct lzma_file *file) {
  uint8_t out[2000];
  lzma_ret status = lzma_alone_decoder(stream, UINT64_MAX);
  stream->next_in = file->bytes;
  stream->avail_in = file->size;
  stream->next_out = out;
  stream->avail_out = sizeof out;
  while (status == LZMA_OK)
    status = lzma_code(stream, LZMA_FINISH);
  return status;
}

static const char *fault(void) {
  struct memory memory = {0, SIZE_MAX};
  lzma_allocator allocator = {allocate, give_back, &memory};
  lzma_stream stream = LZMA_STREAM_INIT;
  const char *answer = "the first file is not decoded";
  stream.allocator = &allocator;
  if (decode_alone(&stream, &small) == LZMA_STREAM_END) {
    int before = memory.blocks;
    memory.largest = LARGE / 2;
    if (decode_alone(&stream, &large) != LZMA_MEM_ERROR)
      answer = "memory was enough";
    else if (memory.blocks == before - 1) // without the dictionary
      answer = "vulnerable";
    else
      answer = memory.blocks < before - 1 ? "fixed" : "blocks were added";
  }
  lzma_end(&stream);
  return answer;
}
