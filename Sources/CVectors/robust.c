#include <string.h>

#include "vectors.h"

// Sums must round the same on every machine.
#pragma STDC FP_CONTRACT OFF

// Coordinates that are worked on at a time, one in each lane of a wide register.
enum { lanes = 16 };
typedef int32_t row[lanes];

#if defined(__x86_64__) && defined(__linux__)
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

// Integers in the order of the floats; whatever is no number comes last.
static inline int32_t key_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return value != value ? INT32_MAX : bits ^ ((bits >> 31) & INT32_MAX);
}

static inline float value_of(int32_t key) {
  int32_t bits = key ^ ((key >> 31) & INT32_MAX);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline void exchange(int32_t *restrict low, int32_t *restrict high) {
  for (int lane = 0; lane < lanes; lane++) {
    int32_t a = low[lane], b = high[lane];
    low[lane] = a < b ? a : b;
    high[lane] = a < b ? b : a;
  }
}

// Sorts every lane: Batcher's merge exchange (Knuth, TAOCP volume 3, algorithm 5.2.2 M).
static inline void sort_lanes(row *rows, size_t count) {
  size_t top = 1;
  while (2 * top < count) top *= 2;
  for (size_t p = top; p > 0; p /= 2) {
    size_t q = top, r = 0, distance = p;
    while (1) {
      for (size_t i = 0; i + distance < count; i++) {
        if ((i & p) == r) exchange(rows[i], rows[i + distance]);
      }
      if (q == p) break;
      distance = q - p;
      q /= 2;
      r = p;
    }
  }
}

// Reads up to sixteen coordinates of all vectors and sorts them; unused lanes hold zero.
static inline void load_sorted(
    const float *const *vectors, size_t count, size_t start, size_t width, row *rows) {
  for (size_t i = 0; i < count; i++) {
    float values[lanes] = {0};
    if (width == lanes) memcpy(values, vectors[i] + start, sizeof values);
    else memcpy(values, vectors[i] + start, width * sizeof(float));
    for (int lane = 0; lane < lanes; lane++) rows[i][lane] = key_of(values[lane]);
  }
  sort_lanes(rows, count);
}

// The mean of rows [first, end), added from the smallest.
static inline void mean_rows(row *rows, size_t first, size_t end, float mean[lanes]) {
  float share = 1 / (float)(end - first);
  for (int lane = 0; lane < lanes; lane++) mean[lane] = value_of(rows[first][lane]);
  for (size_t i = first + 1; i < end; i++) {
    for (int lane = 0; lane < lanes; lane++) mean[lane] += value_of(rows[i][lane]);
  }
  for (int lane = 0; lane < lanes; lane++) mean[lane] *= share;
}

WIDEST void vectors_trimmed_mean(
    const float *const *vectors, size_t count, size_t length, size_t trimmed, int32_t *room,
    float *target) {
  row *rows = (row *)room;
  for (size_t start = 0; start < length; start += lanes) {
    size_t width = length - start < lanes ? length - start : lanes;
    float mean[lanes];
    load_sorted(vectors, count, start, width, rows);
    mean_rows(rows, trimmed, count - trimmed, mean);
    memcpy(target + start, mean, width * sizeof(float));
  }
}

WIDEST void vectors_mean_around_median(
    const float *const *vectors, size_t count, size_t length, size_t faulty, int32_t *room,
    float *target) {
  row *rows = (row *)room;
  size_t kept = count - faulty, middle = (count - 1) / 2;
  float share = 1 / (float)kept;
  for (size_t start = 0; start < length; start += lanes) {
    size_t width = length - start < lanes ? length - start : lanes;
    float median[lanes], sum[lanes] = {0};
    load_sorted(vectors, count, start, width, rows);
    mean_rows(rows, middle, count - middle, median);
    // The nearest values follow each other. Of two that are as many places apart as are kept, one
    // is among them, and so is every value between the two groups.
    for (size_t i = 0; i < faulty; i++) {
      for (int lane = 0; lane < lanes; lane++) {
        float low = value_of(rows[i][lane]), high = value_of(rows[i + kept][lane]);
        sum[lane] += median[lane] - low > high - median[lane] ? high : low;
      }
    }
    for (size_t i = faulty; i < kept; i++) {
      for (int lane = 0; lane < lanes; lane++) sum[lane] += value_of(rows[i][lane]);
    }
    for (int lane = 0; lane < lanes; lane++) sum[lane] *= share;
    memcpy(target + start, sum, width * sizeof(float));
  }
}

// Sixteen sums in single precision, each of at most 64 squares, then one in double.
static inline double squared_distance(const float *a, const float *b, size_t length) {
  float sums[lanes] = {0};
  size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    for (int lane = 0; lane < lanes; lane++) {
      float difference = a[i + lane] - b[i + lane];
      sums[lane] += difference * difference;
    }
  }
  for (; i < length; i++) {
    float difference = a[i] - b[i];
    sums[i % lanes] += difference * difference;
  }
  double total = 0;
  for (int lane = 0; lane < lanes; lane++) total += (double)sums[lane];
  return total;
}

WIDEST void vectors_squared_distances(
    const float *const *vectors, size_t count, size_t length, double *distances) {
  // Parts of all vectors stay in the cache while every pair of them is compared.
  enum { part = 64 * lanes };
  for (size_t start = 0; start < length; start += part) {
    size_t size = length - start < part ? length - start : part;
    for (size_t i = 0; i < count; i++) {
      for (size_t j = 0; j < i; j++) {
        distances[i * count + j] +=
            squared_distance(vectors[i] + start, vectors[j] + start, size);
      }
    }
  }
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < i; j++) distances[j * count + i] = distances[i * count + j];
  }
}
