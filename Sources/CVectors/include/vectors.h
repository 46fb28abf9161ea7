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

// y = x wᵀ + bias, where y has few columns: x is rows times inner, w columns times inner.
// Entry k of a product goes to sum k mod 16, rounded once; the 16 sums are added to the bias in
// order. The bits are the same on every machine.
void vectors_multiply_narrow(
    const float *x, size_t rows, size_t inner, const float *w, size_t columns, const float *bias,
    float *y);

// The kernels of robust aggregation work on `count` vectors of `length` floats. Values that are no
// numbers count as larger than all; `room` holds 16 integers for each vector.

// The mean of each coordinate without its `trimmed` smallest and largest values, added in ascending
// order; 2 * trimmed < count.
void vectors_trimmed_mean(
    const float *const *vectors, size_t count, size_t length, size_t trimmed, int32_t *room,
    float *target);

// The mean of the count - faulty values of each coordinate that are nearest to its median, of two
// as near the smaller; 2 * faulty < count.
void vectors_mean_around_median(
    const float *const *vectors, size_t count, size_t length, size_t faulty, int32_t *room,
    float *target);

// Adds the squared distance of each pair to a full square of `count` times `count` sums.
void vectors_squared_distances(
    const float *const *vectors, size_t count, size_t length, double *distances);
