// The vector kernels that are beyond Swift's optimizer.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalize.h"
#include "winograd.h"

// Takes the significant entries out of a residual: those with |residual| > bound * |parameter|.
// Writes their indices (ascending) and values, zeroes them in the residual, returns how many.
// `indices` and `values` have room for `count` entries.
size_t vectors_take_significant(
    float *residual, const float *parameters, float bound, size_t count, int32_t *indices,
    float *values);

// target[i] = bytes[i] * factor + shift, rounded twice, with the widest registers of the processor.
void vectors_scale_bytes(
    const uint8_t *bytes, size_t count, float factor, float shift, float *target);

// Adam's constants at one step: `rate` and `correction` hold the corrections of the two biases.
typedef struct {
  float beta1, beta2, decay, rate, correction, epsilon;
} vectors_adam;

// Moves the moments of `count` parameters by a gradient and writes the signed steps. Every
// operation is rounded by itself: the bits are the same on every machine.
void vectors_move_adam(
    const float *gradient, const float *parameters, vectors_adam rule, size_t count, float *first,
    float *second, float *steps);

// y = x wᵀ + bias, where y has few columns: x is rows times inner, w columns times inner.
// Entry k of a product goes to sum k mod 16, rounded once; the 16 sums are added to the bias in
// order. The bits are the same on every machine.
void vectors_multiply_narrow(
    const float *x, size_t rows, size_t inner, const float *w, size_t columns, const float *bias,
    float *y);

// A convolution of each channel by itself, with windows of 3x3 and a border of one: images of
// height times width become rows times columns.
typedef struct {
  size_t channels, height, width, rows, columns, stride;
} depthwise_shape;

// The gradient of the windows, which replaces w or is added to it; y is that of the output. The
// sums of an image, row by row, are added up image by image, a product rounded once with its sum:
// the bits are the same on every machine.
void vectors_depthwise_gradient(
    const float *x, const float *y, size_t images, depthwise_shape shape, bool adds, float *w);

// The kernels of products with matrices of bytes of which many are zero. A matrix is worked on in
// blocks of up to `vectors_block` columns, the other factor in panels of `vectors_panel` columns:
// a block of rows of a panel fits into the nearest cache.
enum { vectors_panel = 64, vectors_block = 96 };

// Finds the nonzero bytes of a block of columns. Those of row r are at `places[starts[r]]` up to
// `places[starts[r + 1]]`: columns within the block, ascending. The first goes to `places[end]`;
// returns the end of the last, behind which up to nine bytes have been written.
uint32_t vectors_find_nonzero(
    const uint8_t *bytes, size_t rows, size_t stride, size_t columns, uint32_t end,
    uint8_t *places, uint32_t *starts);

// Adds to each row of sums the rows of a panel at the places of that row's nonzero bytes, each
// times value_of[byte]. A product is rounded once with its sum, in the order of the places: the
// bits are the same on every machine.
void vectors_add_nonzero(
    const uint8_t *places, const uint32_t *starts, const uint8_t *bytes, size_t rows,
    size_t stride, const float *value_of, const float *panel, float *sums, size_t sums_stride);

// Column c of `from` becomes row c of `to`.
void vectors_transpose_bytes(const uint8_t *from, size_t rows, size_t columns, uint8_t *to);
void vectors_transpose(
    const float *restrict from, size_t rows, size_t columns, float *restrict to);

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
