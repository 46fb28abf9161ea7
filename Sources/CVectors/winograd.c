#include "winograd.h"

#include <string.h>

// Sums must round the same on every machine.
#pragma STDC FP_CONTRACT OFF

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
enum { lanes = winograd_lanes, output = winograd_step, input = 6, window = 3, taps = 9 };

#define INLINE static inline __attribute__((always_inline))
#define fused __builtin_elementwise_fma
#define all(value) ((value) - (wide){0})
#if defined(__x86_64__) && defined(__linux__)
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST
#endif

// Tiles and windows are polynomials, multiplied by way of their values at 0, a, -a, b, -b and
// infinity. With 3/4 and 3/2 half as much is lost by rounding as with the usual 1 and 2.
static const float a = 0.75F, b = 1.5F;
#define a2 (a * a)
#define b2 (b * b)
// The product of the differences of a point and all others.
#define at0 (a2 * b2)
#define atA (2 * a2 * (a2 - b2))
#define atB (2 * b2 * (b2 - a2))

// The transforms of one dimension: Bᵀ, A, Aᵀ, G and Gᵀ of Lavin and Gray.
INLINE void transform_input(const wide *d, wide *v) {
  wide even_a = fused(d[2], all(-b2), d[4]), odd_a = fused(d[1], all(-b2), d[3]);
  wide even_b = fused(d[2], all(-a2), d[4]), odd_b = fused(d[1], all(-a2), d[3]);
  v[0] = fused(d[0], all(at0), fused(d[2], all(-a2 - b2), d[4]));
  v[1] = fused(odd_a, all(a), even_a);
  v[2] = fused(odd_a, all(-a), even_a);
  v[3] = fused(odd_b, all(b), even_b);
  v[4] = fused(odd_b, all(-b), even_b);
  v[5] = fused(d[1], all(at0), fused(d[3], all(-a2 - b2), d[5]));
}

INLINE void transform_slope(const wide *y, wide *v) {
  wide even_a = fused(y[2], all(a2), y[0]), odd_a = fused(y[3], all(a2), y[1]);
  wide even_b = fused(y[2], all(b2), y[0]), odd_b = fused(y[3], all(b2), y[1]);
  v[0] = y[0];
  v[1] = fused(odd_a, all(a), even_a);
  v[2] = fused(odd_a, all(-a), even_a);
  v[3] = fused(odd_b, all(b), even_b);
  v[4] = fused(odd_b, all(-b), even_b);
  v[5] = y[3];
}

INLINE void transform_output(const wide *m, wide *y) {
  wide even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
  y[0] = m[0] + even_a + even_b;
  y[1] = fused(odd_a, all(a), odd_b * all(b));
  y[2] = fused(even_a, all(a2), even_b * all(b2));
  y[3] = fused(odd_a, all(a2 * a), fused(odd_b, all(b2 * b), m[5]));
}

INLINE void transform_window(const wide *w, wide *u) {
  wide even_a = fused(w[2], all(a2 / atA), w[0] * all(1 / atA));
  wide even_b = fused(w[2], all(b2 / atB), w[0] * all(1 / atB));
  u[0] = w[0] * all(1 / at0);
  u[1] = fused(w[1], all(a / atA), even_a);
  u[2] = fused(w[1], all(-a / atA), even_a);
  u[3] = fused(w[1], all(b / atB), even_b);
  u[4] = fused(w[1], all(-b / atB), even_b);
  u[5] = w[2];
}

INLINE void transform_gradient(const wide *m, wide *w) {
  wide even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];
  w[0] = fused(even_a, all(1 / atA), fused(even_b, all(1 / atB), m[0] * all(1 / at0)));
  w[1] = fused(odd_a, all(a / atA), odd_b * all(b / atB));
  w[2] = fused(even_a, all(a2 / atA), fused(even_b, all(b2 / atB), m[5]));
}

enum transform { of_input, of_slope, of_output, of_window, of_gradient };

INLINE void transform_line(enum transform transform, const wide *from, wide *to) {
  switch (transform) {
  case of_input: return transform_input(from, to);
  case of_slope: return transform_slope(from, to);
  case of_output: return transform_output(from, to);
  case of_window: return transform_window(from, to);
  case of_gradient: return transform_gradient(from, to);
  }
}

// Transforms the columns of a square of vectors, then its rows. `from` and `to` say where the
// vectors lie: those of the source at negative places are zero, those of the target are left out.
INLINE void transform_square(
    enum transform transform, int side, int sides, const float *source, const ptrdiff_t *from,
    size_t source_size, float *target, const ptrdiff_t *to, size_t target_size) {
  wide turned[input * input], before[input], after[input];
  for (int column = 0; column < side; column++) {
    for (int i = 0; i < side; i++) {
      ptrdiff_t place = from[i * side + column];
      before[i] = (wide){0};
      if (place >= 0) memcpy(&before[i], source + place, source_size);
    }
    transform_line(transform, before, after);
    for (int i = 0; i < sides; i++) turned[i * side + column] = after[i];
  }
  for (int row = 0; row < sides; row++) {
    transform_line(transform, turned + row * side, after);
    for (int i = 0; i < sides; i++) {
      ptrdiff_t place = to[row * sides + i];
      if (place >= 0) memcpy(target + place, &after[i], target_size);
    }
  }
}

// Where vectors lie that are a stride apart.
INLINE void find_strided(size_t stride, int count, ptrdiff_t *places) {
  for (int i = 0; i < count; i++) places[i] = i * (ptrdiff_t)stride;
}

// Where a square of an image's places lies, negative outside of the image.
INLINE void find_places(
    winograd_images images, size_t tile, int border, int side, ptrdiff_t *places) {
  ptrdiff_t height = (ptrdiff_t)images.height, width = (ptrdiff_t)images.width;
  size_t columns = (images.width + output - 1) / output, count = winograd_tile_count(images);
  ptrdiff_t image = (ptrdiff_t)(tile / count);
  ptrdiff_t top = (ptrdiff_t)(tile % count / columns) * output - border;
  ptrdiff_t left = (ptrdiff_t)(tile % count % columns) * output - border;
  for (ptrdiff_t y = top; y < top + side; y++) {
    for (ptrdiff_t x = left; x < left + side; x++) {
      bool inside = 0 <= y && y < height && 0 <= x && x < width;
      ptrdiff_t place = ((image * height + y) * width + x) * (ptrdiff_t)images.channels;
      *places++ = inside ? place : -1;
    }
  }
}

INLINE void transform_tiles(
    enum transform transform, int border, int side, const float *x, winograd_images images,
    size_t first, size_t count, float *v, winograd_layout layout) {
  ptrdiff_t from[input * input], to[input * input];
  find_strided(layout.place, winograd_places, to);
  for (size_t tile = 0; tile < count; tile++) {
    find_places(images, first + tile, border, side, from);
    float *target = v + tile * layout.tile;
    size_t left = images.channels;
    for (const float *source = x; left > 0; source += lanes, target += layout.vector) {
      if (left < lanes) {
        transform_square(
            transform, side, input, source, from, left * sizeof(float), target, to, sizeof(wide));
        break;
      }
      transform_square(
          transform, side, input, source, from, sizeof(wide), target, to, sizeof(wide));
      left -= lanes;
    }
  }
}

WIDEST void winograd_transform_inputs(
    const float *x, winograd_images images, size_t first, size_t count, float *v,
    winograd_layout layout) {
  transform_tiles(of_input, 1, input, x, images, first, count, v, layout);
}

WIDEST void winograd_transform_slopes(
    const float *y, winograd_images images, size_t first, size_t count, float *v,
    winograd_layout layout) {
  transform_tiles(of_slope, 0, output, y, images, first, count, v, layout);
}

WIDEST void winograd_transform_outputs(
    const float *m, winograd_layout layout, size_t first, size_t count, winograd_images images,
    size_t channels, float *y) {
  ptrdiff_t from[input * input], to[output * output];
  find_strided(layout.place, winograd_places, from);
  for (size_t tile = 0; tile < count; tile++) {
    find_places(images, first + tile, 0, output, to);
    for (size_t channel = 0; channel < channels; channel += lanes) {
      const float *source = m + tile * layout.tile + channel / lanes * layout.vector;
      size_t left = (channels - channel) * sizeof(float);
      if (left < sizeof(wide))
        transform_square(
            of_output, input, output, source, from, sizeof(wide), y + channel, to, left);
      else
        transform_square(
            of_output, input, output, source, from, sizeof(wide), y + channel, to,
            sizeof(wide));
    }
  }
}

WIDEST void winograd_transform_windows(
    const float *w, winograd_windows windows, bool turned, float *panels, size_t place_stride) {
  ptrdiff_t from[taps], to[input * input];
  for (int i = 0; i < taps; i++) from[i] = lanes * (turned ? taps - 1 - i : i);
  find_strided(place_stride, winograd_places, to);
  for (size_t column = 0; column < windows.columns; column += lanes) {
    size_t count = windows.columns - column < lanes ? windows.columns - column : lanes;
    for (size_t row = 0; row < windows.rows; row++, panels += lanes) {
      float square[taps * lanes] = {0};
      const float *source = w + row * windows.row_stride + column * windows.column_stride;
      for (size_t lane = 0; lane < count; lane++)
        for (size_t i = 0; i < taps; i++)
          square[i * lanes + lane] = source[lane * windows.column_stride + i];
      transform_square(
          of_window, window, input, square, from, sizeof(wide), panels, to, sizeof(wide));
    }
  }
}

WIDEST void winograd_transform_gradients(
    const float *s, winograd_layout layout, size_t rows, size_t columns, bool adds, float *w) {
  ptrdiff_t from[input * input], to[taps];
  find_strided(layout.place, winograd_places, from);
  find_strided(lanes, taps, to);
  for (size_t row = 0; row < rows; row++) {
    for (size_t column = 0; column < columns; column += lanes) {
      float square[taps * lanes];
      const float *source = s + row * layout.tile + column / lanes * layout.vector;
      transform_square(
          of_gradient, input, window, source, from, sizeof(wide), square, to, sizeof(wide));
      size_t count = columns - column < lanes ? columns - column : lanes;
      for (size_t lane = 0; lane < count; lane++)
        for (size_t i = 0; i < taps; i++, w++)
          *w = adds ? *w + square[i * lanes + lane] : square[i * lanes + lane];
    }
  }
}
