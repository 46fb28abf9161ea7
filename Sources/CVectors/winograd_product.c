#include <string.h>

#include "winograd.h"

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
enum { lanes = winograd_lanes };

// All sums of a tile stay in registers: up to six rows of AVX2's sixteen.
static inline __attribute__((always_inline)) void multiply_tile(
    size_t rows, const float *a, winograd_strides strides, const float *panel, size_t inner,
    float *c, size_t stride, bool adds) {
  wide sums[6] = {{0}};
  for (size_t r = 0; adds && r < rows; r++) memcpy(&sums[r], c + r * stride, sizeof(wide));
  for (size_t k = 0; k < inner; k++) {
    wide factors;
    memcpy(&factors, panel + k * lanes, sizeof factors);
    for (size_t r = 0; r < rows; r++) {
      wide value = a[r * strides.row + k * strides.column] - (wide){0};
      sums[r] = __builtin_elementwise_fma(value, factors, sums[r]);
    }
  }
  for (size_t r = 0; r < rows; r++) memcpy(c + r * stride, &sums[r], sizeof(wide));
}

// A panel stays in the nearest cache while all rows meet it. The compiler unrolls what is given as
// a constant.
static inline __attribute__((always_inline)) void multiply_panel(
    const float *a, winograd_strides strides, const float *panel, size_t rows, size_t inner,
    float *c, size_t stride, bool adds) {
  size_t r = 0;
  for (; r + 6 <= rows; r += 6)
    multiply_tile(6, a + r * strides.row, strides, panel, inner, c + r * stride, stride, adds);
  for (; r + 4 <= rows; r += 4)
    multiply_tile(4, a + r * strides.row, strides, panel, inner, c + r * stride, stride, adds);
  for (; r + 2 <= rows; r += 2)
    multiply_tile(2, a + r * strides.row, strides, panel, inner, c + r * stride, stride, adds);
  if (r < rows)
    multiply_tile(1, a + r * strides.row, strides, panel, inner, c + r * stride, stride, adds);
}

#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void winograd_multiply(
    const float *a, winograd_strides strides, const float *panels, size_t panels_place,
    size_t rows, size_t inner, size_t panel_count, float *c, winograd_layout layout, bool adds) {
  for (size_t place = 0; place < winograd_places; place++) {
    const float *panel = panels + place * panels_place;
    float *sums = c + place * layout.place;
    for (size_t p = 0; p < panel_count; p++) {
      multiply_panel(
          a + place * strides.place, strides, panel, rows, inner, sums, layout.tile, adds);
      panel += inner * lanes;
      sums += layout.vector;
    }
  }
}
