// The kernels of batch normalisation, on rows of channels.
//
// All sums have one order, block of rows by block, and a product is rounded once with its sum: the
// bits are the same on every machine.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// What each channel does to its values: scale * (value - mean) + shift, and the rectifier after it
// where asked for.
typedef struct {
  const float *means, *scales, *shifts;
  bool rectifies;
} normalization;

// The mean of each channel, and the mean of the squared distances from it.
void normalize_measure(
    const float *x, size_t rows, size_t channels, float *means, float *variances);

void normalize_forward(
    const float *x, size_t rows, size_t channels, normalization by, float *values);

// Of each channel the sum of y, the gradient of the output where the rectifier lets it through, and
// of its products with the distances of x from their mean.
void normalize_sum_slopes(
    const float *x, const float *y, size_t rows, size_t channels, normalization by,
    float *products, float *slopes);

// The gradient of x: scale * y + steepness * (x - mean) + offset, with y as above.
void normalize_backward(
    const float *x, const float *y, size_t rows, size_t channels, normalization by,
    const float *steepness, const float *offsets, float *values);
