// The part of Fashion-MNIST that travels with the program, so that a first run needs no package.
// See fashion-mnist/LICENSE.md.
#pragma once
#include <stddef.h>

typedef enum {
  sample_data_train_images,
  sample_data_train_labels,
  sample_data_test_images,
  sample_data_test_labels
} sample_data_file;

// The bytes of a gzipped IDX file; they live as long as the program.
const unsigned char *sample_data_bytes(sample_data_file file, size_t *count);
