#include <string.h>

#include "vectors.h"

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
enum { lanes = 16 };

// Adds the products of up to sixteen entries of some rows of x with those of some columns of w.
static inline __attribute__((always_inline)) void add_products(
    int rows, int columns, const float *x, const float *w, size_t inner, size_t size, wide *sums) {
  wide values[4] = {{0}};
  for (int r = 0; r < rows; r++) memcpy(&values[r], x + r * inner, size);
  for (int c = 0; c < columns; c++) {
    wide weights = {0};
    memcpy(&weights, w + c * inner, size);
    for (int r = 0; r < rows; r++) {
      wide *sum = &sums[r * columns + c];
      *sum = __builtin_elementwise_fma(values[r], weights, *sum);
    }
  }
}

// All sums of a tile stay in registers, and a load of x or w serves all of the other. The compiler
// unrolls what is given as a constant.
static inline __attribute__((always_inline)) void multiply_tile(
    int rows, int columns, const float *x, const float *w, size_t inner, const float *bias,
    float *y, size_t stride) {
  wide sums[6] = {{0}};
  size_t k = 0;
  for (; k + lanes <= inner; k += lanes)
    add_products(rows, columns, x + k, w + k, inner, sizeof(wide), sums);
  if (k < inner)
    add_products(rows, columns, x + k, w + k, inner, (inner - k) * sizeof(float), sums);
  for (int r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c++) {
      float sum = bias[c];
      for (int lane = 0; lane < lanes; lane++) sum += sums[r * columns + c][lane];
      y[r * stride + c] = sum;
    }
  }
}

// A product is rounded once with its sum, on machines without such an instruction by the library.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void vectors_multiply_narrow(
    const float *x, size_t rows, size_t inner, const float *w, size_t columns, const float *bias,
    float *y) {
  size_t r = 0;
  for (; r + 3 <= rows; r += 3) {
    const float *own = x + r * inner;
    float *target = y + r * columns;
    size_t c = 0;
    for (; c + 2 <= columns; c += 2)
      multiply_tile(3, 2, own, w + c * inner, inner, bias + c, target + c, columns);
    if (c < columns)
      multiply_tile(3, 1, own, w + c * inner, inner, bias + c, target + c, columns);
  }
  for (; r < rows; r++) {
    for (size_t c = 0; c < columns; c++)
      multiply_tile(
          1, 1, x + r * inner, w + c * inner, inner, bias + c, y + r * columns + c, columns);
  }
}
