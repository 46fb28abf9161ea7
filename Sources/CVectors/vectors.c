#include "vectors.h"

#include <math.h>

// The product must round as Swift's does, on every machine.
#pragma STDC FP_CONTRACT OFF

enum { block = 64 };

static inline int is_significant(float residual, float parameter, float bound) {
  return fabsf(residual) > bound * fabsf(parameter);
}

size_t vectors_take_significant(
    float *residual, const float *parameters, float bound, size_t count, int32_t *indices,
    float *values) {
  size_t taken = 0;
  for (size_t start = 0; start < count; start += block) {
    size_t end = start + block < count ? start + block : count;
    // Most blocks hold nothing: the test alone runs as vector code.
    int any = 0;
    for (size_t i = start; i < end; i++) any |= is_significant(residual[i], parameters[i], bound);
    if (!any) continue;
    // No branch depends on the data: every entry is written and the place moves on if it counts.
    for (size_t i = start; i < end; i++) {
      float value = residual[i];
      int take = is_significant(value, parameters[i], bound);
      indices[taken] = (int32_t)i;
      values[taken] = value;
      residual[i] = take ? 0 : value;
      taken += (size_t)take;
    }
  }
  return taken;
}

// Swift compiles for the oldest x86-64; this picks AVX-512 or AVX2 when the program starts.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void vectors_scale_bytes(
    const uint8_t *bytes, size_t count, float factor, float shift, float *target) {
  for (size_t i = 0; i < count; i++) target[i] = (float)bytes[i] * factor + shift;
}
