// Files that travel inside the program: a part of Fashion-MNIST, so that a first run needs no
// package (see fashion-mnist/LICENSE.md), and the Python side of models of the user's own.
#pragma once
#include <stddef.h>

typedef enum {
  embedded_train_images,
  embedded_train_labels,
  embedded_test_images,
  embedded_test_labels,
  embedded_worker
} embedded_file;

// The bytes of a file; they live as long as the program.
const unsigned char *embedded_bytes(embedded_file file, size_t *count);
