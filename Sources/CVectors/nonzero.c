#include <string.h>

#include "vectors.h"

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
typedef uint8_t sixteen __attribute__((vector_size(16)));
typedef bool flags __attribute__((ext_vector_type(16)));
typedef float four __attribute__((vector_size(16)));
enum { lanes = 16, side = 16 };

// For each pattern of eight bits, where its ones are, ascending, a byte each, and how many.
static uint64_t packed_places[256];
static uint8_t place_counts[256];

__attribute__((constructor)) static void pack_places(void) {
  for (int pattern = 0; pattern < 256; pattern++)
    for (uint64_t bit = 0; bit < 8; bit++)
      if (pattern >> bit & 1) packed_places[pattern] |= bit << 8 * place_counts[pattern]++;
}

// Eight places are written, from the first column of the pattern's on, and those that count stay.
static inline uint32_t add_places(unsigned pattern, size_t column, uint8_t *places, uint32_t end) {
  uint64_t found = packed_places[pattern] + column * 0x0101010101010101;
  memcpy(places + end, &found, sizeof found);
  return end + place_counts[pattern];
}

// No branch depends on the data.
uint32_t vectors_find_nonzero(
    const uint8_t *bytes, size_t rows, size_t stride, size_t columns, uint32_t end,
    uint8_t *places, uint32_t *starts) {
  for (size_t r = 0; r < rows; r++) {
    const uint8_t *row = bytes + r * stride;
    starts[r] = end;
    for (size_t c = 0; c < columns; c += side) {
      sixteen values = {0};
      if (c + side <= columns)
        memcpy(&values, row + c, side);
      else
        memcpy(&values, row + c, columns - c);
      flags present = __builtin_convertvector(values != 0, flags);
      uint16_t pattern;
      memcpy(&pattern, &present, sizeof pattern);
      end = add_places(pattern & 255, c, places, end);
      end = add_places(pattern >> 8, c + 8, places, end);
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

// Sixteen rows of sixteen bytes become columns by four perfect shuffles, as of a deck of cards;
// where the loops are unrolled, in registers.
static void transpose_square(
    const uint8_t *from, size_t from_stride, uint8_t *to, size_t to_stride) {
  sixteen rows[side], shuffled[side];
  for (int i = 0; i < side; i++) memcpy(&rows[i], from + i * from_stride, side);
#pragma unroll
  for (int shuffle = 0; shuffle < 4; shuffle++) {
#pragma unroll
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
  size_t square_rows = rows / side * side, square_columns = columns / side * side;
  for (size_t first = 0; first < square_rows; first += 64)
    for (size_t c = 0; c < square_columns; c += side)
      for (size_t r = first; r < first + 64 && r < square_rows; r += side)
        transpose_square(from + r * columns + c, columns, to + c * rows + r, rows);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = r < square_rows ? square_columns : 0; c < columns; c++)
      to[c * rows + r] = from[r * columns + c];
}

// Squares of four floats: wider ones cross the halves of AVX2's registers, which is slow.
static inline void transpose_floats(
    const float *from, size_t from_stride, float *to, size_t to_stride) {
  four rows[4];
  for (int i = 0; i < 4; i++) memcpy(&rows[i], from + i * from_stride, sizeof(four));
  four first = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  four second = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  four third = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  four fourth = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  rows[0] = __builtin_shufflevector(first, second, 0, 1, 4, 5);
  rows[1] = __builtin_shufflevector(first, second, 2, 3, 6, 7);
  rows[2] = __builtin_shufflevector(third, fourth, 0, 1, 4, 5);
  rows[3] = __builtin_shufflevector(third, fourth, 2, 3, 6, 7);
  for (int i = 0; i < 4; i++) memcpy(to + i * to_stride, &rows[i], sizeof(four));
}

// Sixty-four rows at a time: what they fill of the other's rows are whole lines of the cache.
void vectors_transpose(
    const float *restrict from, size_t rows, size_t columns, float *restrict to) {
  size_t square_rows = rows / 4 * 4, square_columns = columns / 4 * 4;
  for (size_t first = 0; first < square_rows; first += 64)
    for (size_t c = 0; c < square_columns; c += 4)
      for (size_t r = first; r < first + 64 && r < square_rows; r += 4)
        transpose_floats(from + r * columns + c, columns, to + c * rows + r, rows);
  for (size_t r = 0; r < rows; r++)
    for (size_t c = r < square_rows ? square_columns : 0; c < columns; c++)
      to[c * rows + r] = from[r * columns + c];
}
