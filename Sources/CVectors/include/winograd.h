// The kernels of Winograd's minimal filtering F(4x4, 3x3), for images with channels innermost.
//
// A convolution with windows of 3x3 becomes 36 products of matrices, one for each place of the
// transformed tiles of 6x6: 36 products of numbers for 16 outputs instead of 144. Sixteen channels
// are worked on at a time. All sums have one order, and a product is rounded once with its sum: the
// bits are the same on every machine.
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { winograd_lanes = 16, winograd_places = 36, winograd_step = 4 };

// Images of so many rows, columns and channels, within a border of zeros.
typedef struct {
  size_t height, width, channels;
} winograd_images;

// Tiles of one image.
static inline size_t winograd_tile_count(winograd_images images) {
  size_t rows = (images.height + winograd_step - 1) / winograd_step;
  return rows * ((images.width + winograd_step - 1) / winograd_step);
}

// Where transformed tiles or windows lie, in floats: from one of the 36 places to the next, from
// sixteen channels to the next, and from tile to tile.
typedef struct {
  size_t place, vector, tile;
} winograd_layout;

// Transforms `count` tiles of a convolution's input from tile `first` on, which overlap by two:
// row by row of an image, image by image.
void winograd_transform_inputs(
    const float *x, winograd_images images, size_t first, size_t count, float *v,
    winograd_layout layout);

// Transforms tiles of 4x4 of the gradient of a convolution's output.
void winograd_transform_slopes(
    const float *y, winograd_images images, size_t first, size_t count, float *v,
    winograd_layout layout);

// Transforms sums of products back to tiles of 4x4 of the output: the first `channels` of it.
void winograd_transform_outputs(
    const float *m, winograd_layout layout, size_t first, size_t count, winograd_images images,
    size_t channels, float *y);

// A matrix of windows of 3x3 floats each; strides are in floats.
typedef struct {
  size_t rows, row_stride, columns, column_stride;
} winograd_windows;

// Transforms windows, each turned by half a circle where it carries gradients back. At each place
// columns lie in panels of sixteen, `panel[row * 16 + column]`, one panel after the other.
void winograd_transform_windows(
    const float *w, winograd_windows windows, bool turned, float *panels, size_t place_stride);

// Transforms sums of products back to the gradients of `rows` times `columns` windows; a row of
// windows counts as a tile. They replace what is there or are added to it.
void winograd_transform_gradients(
    const float *s, winograd_layout layout, size_t rows, size_t columns, bool adds, float *w);

// Matrices, one for each place: floats from place to place, from row to row and along a row.
typedef struct {
  size_t place, row, column;
} winograd_strides;

// c = a b at each place, or c += a b: b lies in panels of sixteen columns and `inner` rows, and a
// row of c is a tile.
void winograd_multiply(
    const float *a, winograd_strides strides, const float *panels, size_t panels_place,
    size_t rows, size_t inner, size_t panel_count, float *c, winograd_layout layout, bool adds);
