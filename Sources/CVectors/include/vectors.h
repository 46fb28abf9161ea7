// The vector kernels that are beyond Swift's optimizer.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Takes the significant entries out of a residual: those with |residual| > bound * |parameter|.
// Writes their indices (ascending) and values, zeroes them in the residual, returns how many.
// `indices` and `values` have room for `count` entries.
size_t vectors_take_significant(
    float *residual, const float *parameters, float bound, size_t count, int32_t *indices,
    float *values);

// target[i] = bytes[i] * factor + shift, rounded twice, with the widest registers of the processor.
void vectors_scale_bytes(
    const uint8_t *bytes, size_t count, float factor, float shift, float *target);
