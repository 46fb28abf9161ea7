#include <string.h>

#include "vectors.h"

// A product must round before it is added, as Swift's does, on every machine.
#pragma STDC FP_CONTRACT OFF

// Sixteen floats: one register of AVX-512, two of AVX2.
typedef float wide __attribute__((vector_size(64)));
enum { lanes = 16 };

// The steps of up to sixteen parameters, which take `size` bytes.
static inline __attribute__((always_inline)) void move_lanes(
    const float *gradient, const float *parameters, vectors_adam rule, float *first,
    float *second, float *steps, size_t size) {
  wide slope = {0}, value = {0}, mean = {0}, square = {0};
  memcpy(&slope, gradient, size);
  memcpy(&value, parameters, size);
  memcpy(&mean, first, size);
  memcpy(&square, second, size);
  slope += rule.decay * value;
  mean = rule.beta1 * mean + (1 - rule.beta1) * slope;
  square = rule.beta2 * square + (1 - rule.beta2) * slope * slope;
  wide root = __builtin_elementwise_sqrt(square) * rule.correction + rule.epsilon;
  wide step = -(rule.rate * mean / root);
  memcpy(first, &mean, size);
  memcpy(second, &square, size);
  memcpy(steps, &step, size);
}

// Quotients and roots take most of the time: they want the widest registers of the processor.
#if defined(__x86_64__) && defined(__linux__)
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
void vectors_move_adam(
    const float *gradient, const float *parameters, vectors_adam rule, size_t count, float *first,
    float *second, float *steps) {
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    move_lanes(
        gradient + i, parameters + i, rule, first + i, second + i, steps + i, sizeof(wide));
  if (i < count)
    move_lanes(
        gradient + i, parameters + i, rule, first + i, second + i, steps + i,
        (count - i) * sizeof(float));
}
