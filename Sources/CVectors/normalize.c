#include "normalize.h"

#include <stdint.h>
#include <string.h>

// Sums must round the same on every machine.
#pragma STDC FP_CONTRACT OFF

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
typedef int32_t flags __attribute__((vector_size(64)));
// Rows of a block: what is read twice is still near.
enum { lanes = 16, block = 32 };

#define INLINE static inline __attribute__((always_inline))
#define fused __builtin_elementwise_fma
#if defined(__x86_64__) && defined(__linux__)
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST
#endif

// What a kernel reads and writes: x, y and `values` are rows of channels, the others channels.
typedef struct {
  const float *x, *y;
  size_t rows, channels;
  normalization by;
  const float *steepness, *offsets;
  float *values, *first, *second;
} work;

// A block of rows and in it the channels that fill a vector, or those that are left.
typedef struct {
  size_t row, rows, channel, size;
} part;

INLINE void load(wide *values, const float *from, size_t size) {
  *values = (wide){0};
  memcpy(values, from, size);
}

// What a vector of channels does to its values.
typedef struct {
  wide mean, scale, shift;
  flags always;
} line;

INLINE void load_line(line *own, normalization by, part p) {
  load(&own->mean, by.means + p.channel, p.size);
  load(&own->scale, by.scales + p.channel, p.size);
  load(&own->shift, by.shifts + p.channel, p.size);
  own->always = (flags){0} - !by.rectifies;
}

#define on_line(own, value) fused((value) - (own).mean, (own).scale, (own).shift)
// Those of the values that the rectifier lets through, where it reads `sign`; else 0.
#define let_through(own, sign, values) ((wide)((flags)(values) & (~((sign) <= 0) | (own).always)))

// Joins the mean and squares of a block with those of the rows before (Chan, Golub and LeVeque,
// "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979). The sums of
// even and of odd rows do not wait for each other.
INLINE void measure_part(const work *w, part p) {
  const float *x = w->x + p.row * w->channels + p.channel;
  wide totals[2] = {{0}}, squares[2] = {{0}}, value;
  for (size_t r = 0; r < p.rows; r++) {
    load(&value, x + r * w->channels, p.size);
    totals[r % 2] += value;
  }
  wide mean = (totals[0] + totals[1]) * (1 / (float)p.rows);
  for (size_t r = 0; r < p.rows; r++) {
    load(&value, x + r * w->channels, p.size);
    squares[r % 2] = fused(value - mean, value - mean, squares[r % 2]);
  }
  wide sum = squares[0] + squares[1], old_mean, old_sum;
  if (p.row > 0) {
    float share = (float)p.rows / (float)(p.row + p.rows);
    load(&old_mean, w->first + p.channel, p.size);
    load(&old_sum, w->second + p.channel, p.size);
    wide distance = mean - old_mean;
    sum = fused(distance * distance, (float)p.row * share - (wide){0}, old_sum + sum);
    mean = fused(distance, share - (wide){0}, old_mean);
  }
  memcpy(w->first + p.channel, &mean, p.size);
  memcpy(w->second + p.channel, &sum, p.size);
}

INLINE void forward_part(const work *w, part p) {
  size_t place = p.row * w->channels + p.channel;
  line own;
  load_line(&own, w->by, p);
  for (size_t r = 0; r < p.rows; r++, place += w->channels) {
    wide value;
    load(&value, w->x + place, p.size);
    value = on_line(own, value);
    value = let_through(own, value, value);
    memcpy(w->values + place, &value, p.size);
  }
}

INLINE void sum_part(const work *w, part p) {
  size_t place = p.row * w->channels + p.channel;
  line own;
  load_line(&own, w->by, p);
  wide products = {0}, slopes = {0}, old;
  for (size_t r = 0; r < p.rows; r++, place += w->channels) {
    wide value, slope;
    load(&value, w->x + place, p.size);
    load(&slope, w->y + place, p.size);
    slope = let_through(own, on_line(own, value), slope);
    products = fused(slope, value - own.mean, products);
    slopes += slope;
  }
  load(&old, w->first + p.channel, p.size);
  products += old;
  load(&old, w->second + p.channel, p.size);
  slopes += old;
  memcpy(w->first + p.channel, &products, p.size);
  memcpy(w->second + p.channel, &slopes, p.size);
}

INLINE void backward_part(const work *w, part p) {
  size_t place = p.row * w->channels + p.channel;
  line own;
  load_line(&own, w->by, p);
  wide steepness, offset;
  load(&steepness, w->steepness + p.channel, p.size);
  load(&offset, w->offsets + p.channel, p.size);
  for (size_t r = 0; r < p.rows; r++, place += w->channels) {
    wide value, slope;
    load(&value, w->x + place, p.size);
    load(&slope, w->y + place, p.size);
    slope = let_through(own, on_line(own, value), slope);
    value = fused(own.scale, slope, fused(value - own.mean, steepness, offset));
    memcpy(w->values + place, &value, p.size);
  }
}

typedef enum { measures, forward, sums, backward } kind;

INLINE void do_part(const work *w, kind kind, part p) {
  switch (kind) {
    case measures: measure_part(w, p); break;
    case forward: forward_part(w, p); break;
    case sums: sum_part(w, p); break;
    case backward: backward_part(w, p); break;
  }
}

// The rows of a block come before those of the next. Functions are named, not passed: a debug build
// would have a passed one out of line, without wide registers.
INLINE void do_all(const work *w, kind kind) {
  for (size_t r = 0; r < w->rows; r += block) {
    size_t rows = w->rows - r < block ? w->rows - r : block, c = 0;
    for (; c + lanes <= w->channels; c += lanes) do_part(w, kind, (part){r, rows, c, sizeof(wide)});
    size_t left = (w->channels - c) * sizeof(float);
    if (left > 0) do_part(w, kind, (part){r, rows, c, left});
  }
}

WIDEST void normalize_measure(
    const float *x, size_t rows, size_t channels, float *means, float *variances) {
  work w = {.x = x, .rows = rows, .channels = channels, .first = means, .second = variances};
  do_all(&w, measures);
  for (size_t c = 0; c < channels; c++) variances[c] /= (float)rows;
}

WIDEST void normalize_forward(
    const float *x, size_t rows, size_t channels, normalization by, float *values) {
  work w = {.x = x, .rows = rows, .channels = channels, .by = by, .values = values};
  do_all(&w, forward);
}

WIDEST void normalize_sum_slopes(
    const float *x, const float *y, size_t rows, size_t channels, normalization by,
    float *products, float *slopes) {
  work w = {
    .x = x, .y = y, .rows = rows, .channels = channels, .by = by, .first = products,
    .second = slopes};
  memset(products, 0, channels * sizeof(float));
  memset(slopes, 0, channels * sizeof(float));
  do_all(&w, sums);
}

WIDEST void normalize_backward(
    const float *x, const float *y, size_t rows, size_t channels, normalization by,
    const float *steepness, const float *offsets, float *values) {
  work w = {
    .x = x, .y = y, .rows = rows, .channels = channels, .by = by, .steepness = steepness,
    .offsets = offsets, .values = values};
  do_all(&w, backward);
}
