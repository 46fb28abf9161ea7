#include "embedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char train_images[] = {
#embed "fashion-mnist/train-images-idx3-ubyte.gz"
};
static const unsigned char train_labels[] = {
#embed "fashion-mnist/train-labels-idx1-ubyte.gz"
};
static const unsigned char test_images[] = {
#embed "fashion-mnist/t10k-images-idx3-ubyte.gz"
};
static const unsigned char test_labels[] = {
#embed "fashion-mnist/t10k-labels-idx1-ubyte.gz"
};
static const unsigned char worker[] = {
#embed "worker.py"
};

const unsigned char *embedded_bytes(embedded_file file, size_t *count) {
  switch (file) {
    case embedded_train_images: *count = sizeof train_images; return train_images;
    case embedded_train_labels: *count = sizeof train_labels; return train_labels;
    case embedded_test_images: *count = sizeof test_images; return test_images;
    case embedded_test_labels: *count = sizeof test_labels; return test_labels;
    case embedded_worker: *count = sizeof worker; return worker;
  }
}
