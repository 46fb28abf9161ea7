#include <string.h>

#include "vectors.h"

// Sums must round the same on every machine.
#pragma STDC FP_CONTRACT OFF

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
enum { lanes = 16, side = 3, taps = side * side };
#define INLINE static inline __attribute__((always_inline))

INLINE void add_product(const float *x, const wide *slope, size_t size, wide *sum) {
  wide values = {0};
  memcpy(&values, x, size);
  *sum = __builtin_elementwise_fma(values, *slope, *sum);
}

// Adds the products of a row of slopes with what each tap of a row of windows reads.
INLINE void add_row(
    const float *x, const float *y, depthwise_shape shape, size_t size, wide *sums) {
  wide own[side];
  memcpy(own, sums, sizeof own);
  for (size_t column = 0; column < shape.columns; column++) {
    wide slope = {0};
    memcpy(&slope, y + column * shape.channels, size);
    size_t middle = column * shape.stride;
    const float *values = x + middle * shape.channels;
    if (middle > 0) add_product(values - shape.channels, &slope, size, &own[0]);
    add_product(values, &slope, size, &own[1]);
    if (middle + 1 < shape.width) add_product(values + shape.channels, &slope, size, &own[2]);
  }
  memcpy(sums, own, sizeof own);
}

// Adds the sums of an image, for a vector of channels or those that are left.
INLINE void add_image(
    const float *x, const float *y, depthwise_shape shape, size_t size, wide *sums) {
  wide own[taps] = {{0}};
  for (size_t row = 0; row < shape.rows; row++) {
    for (size_t k = 0; k < side; k++) {
      // Counted from the border on.
      size_t place = row * shape.stride + k;
      if (place < 1 || place > shape.height) continue;
      add_row(
          x + (place - 1) * shape.width * shape.channels,
          y + row * shape.columns * shape.channels, shape, size, own + k * side);
    }
  }
  for (size_t i = 0; i < taps; i++) sums[i] += own[i];
}

INLINE void sum_images(
    const float *x, const float *y, size_t images, depthwise_shape shape, size_t size, bool adds,
    float *w) {
  wide sums[taps] = {{0}};
  for (size_t i = 0; i < images; i++) {
    add_image(x, y, shape, size, sums);
    x += shape.height * shape.width * shape.channels;
    y += shape.rows * shape.columns * shape.channels;
  }
  for (size_t lane = 0; lane < size / sizeof(float); lane++)
    for (size_t i = 0; i < taps; i++, w++)
      *w = adds ? *w + sums[i][lane] : sums[i][lane];
}

#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void vectors_depthwise_gradient(
    const float *x, const float *y, size_t images, depthwise_shape shape, bool adds, float *w) {
  size_t c = 0;
  for (; c + lanes <= shape.channels; c += lanes)
    sum_images(x + c, y + c, images, shape, sizeof(wide), adds, w + c * taps);
  if (c < shape.channels)
    sum_images(
        x + c, y + c, images, shape, (shape.channels - c) * sizeof(float), adds, w + c * taps);
}
