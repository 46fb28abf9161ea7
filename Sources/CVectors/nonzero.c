#include <string.h>

#include "vectors.h"

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
typedef uint8_t sixteen __attribute__((vector_size(16)));
enum { lanes = 16, side = 16 };

static const uint64_t ones = 0x0101010101010101;

// For each pattern of eight bits, where its ones are: ascending, a byte each.
static uint64_t packed_places[256];

__attribute__((constructor)) static void pack_places(void) {
  for (int pattern = 0; pattern < 256; pattern++) {
    int taken = 0;
    for (uint64_t bit = 0; bit < 8; bit++)
      if (pattern >> bit & 1) packed_places[pattern] |= bit << 8 * taken++;
  }
}

// No branch depends on the data: eight places are written and the end moves on by those that count.
uint32_t vectors_find_nonzero(
    const uint8_t *bytes, size_t rows, size_t stride, size_t columns, uint32_t end,
    uint8_t *places, uint32_t *starts) {
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *row = bytes + r * stride;
    starts[r] = end;
    for (size_t c = 0; c < columns; c += 8) {
      uint64_t values = 0;
      if (c + 8 <= columns)
        memcpy(&values, row + c, 8);
      else
        memcpy(&values, row + c, columns - c);
      // The highest bit of each byte becomes whether any of its bits is set, then the lowest.
      uint64_t present = (((values & 0x7F * ones) + 0x7F * ones) | values) >> 7 & ones;
      // The product gathers the eight lowest bits in the highest byte.
      uint64_t found = packed_places[present * 0x0102040810204080 >> 56] + c * ones;
      memcpy(places + end, &found, 8);
      end += (uint32_t)(present * ones >> 56);
    }
  }
  starts[rows] = end;
  // Who reads the entries looks one place ahead.
  places[end] = 0;
  return end;
}

// All sums of a row stay in registers.
static inline __attribute__((always_inline)) void add_row(
    const uint8_t *places, size_t count, const uint8_t *bytes, const float *value_of,
    const float *panel, float *sums) {
  enum { parts = vectors_panel / lanes };
  wide own[parts];
  memcpy(own, sums, sizeof own);
  const float *next = panel + (size_t)places[0] * vectors_panel;
  float next_value = value_of[bytes[places[0]]];
  for (size_t i = 1; i <= count; i++) {
    const float *row = next;
    wide value = next_value - (wide){0};
    next = panel + (size_t)places[i] * vectors_panel;
    next_value = value_of[bytes[places[i]]];
    // Loads that wait for their address hold up all others: the compiler must leave it up here.
    __asm__ volatile("" : : "r"(next));
    for (int part = 0; part < parts; part++) {
      wide factors;
      memcpy(&factors, row + part * lanes, sizeof factors);
      own[part] = __builtin_elementwise_fma(value, factors, own[part]);
    }
  }
  memcpy(sums, own, sizeof own);
}

#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void vectors_add_nonzero(
    const uint8_t *places, const uint32_t *starts, const uint8_t *bytes, size_t rows,
    size_t stride, const float *value_of, const float *panel, float *sums, size_t sums_stride) {
  for (size_t r = 0; r < rows; r++) {
    size_t count = starts[r + 1] - starts[r];
    if (count > 0)
      add_row(
          places + starts[r], count, bytes + r * stride, value_of, panel, sums + r * sums_stride);
  }
}

// Sixteen rows of sixteen bytes become columns by four perfect shuffles, as of a deck of cards.
static void transpose_square(
    const uint8_t *from, size_t from_stride, uint8_t *to, size_t to_stride) {
  sixteen rows[side], shuffled[side];
  for (int i = 0; i < side; i++) memcpy(&rows[i], from + i * from_stride, side);
  for (int shuffle = 0; shuffle < 4; shuffle++) {
    for (int i = 0; i < side / 2; i++) {
      sixteen a = rows[i], b = rows[i + side / 2];
      shuffled[2 * i] = __builtin_shufflevector(
          a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      shuffled[2 * i + 1] = __builtin_shufflevector(
          a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    memcpy(rows, shuffled, sizeof rows);
  }
  for (int i = 0; i < side; i++) memcpy(to + i * to_stride, &rows[i], side);
}

void vectors_transpose_bytes(const uint8_t *from, size_t rows, size_t columns, uint8_t *to) {
  for (size_t r = 0; r < rows; r += side) {
    for (size_t c = 0; c < columns; c += side) {
      if (r + side <= rows && c + side <= columns) {
        transpose_square(from + r * columns + c, columns, to + c * rows + r, rows);
        continue;
      }
      for (size_t i = r; i < r + side && i < rows; i++)
        for (size_t j = c; j < c + side && j < columns; j++)
          to[j * rows + i] = from[i * columns + j];
    }
  }
}

// Squares of eight rows and columns, which the compiler turns in registers.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void vectors_transpose(
    const float *restrict from, size_t rows, size_t columns, float *restrict to) {
  for (size_t r = 0; r < rows; r += 8) {
    for (size_t c = 0; c < columns; c += 8) {
      if (r + 8 <= rows && c + 8 <= columns) {
        for (size_t j = c; j < c + 8; j++)
          for (size_t i = r; i < r + 8; i++) to[j * rows + i] = from[i * columns + j];
        continue;
      }
      for (size_t i = r; i < r + 8 && i < rows; i++)
        for (size_t j = c; j < c + 8 && j < columns; j++) to[j * rows + i] = from[i * columns + j];
    }
  }
}
