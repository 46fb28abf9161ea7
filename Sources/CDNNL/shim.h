// oneDNN's C API, and the one OpenMP call that keeps a primitive on the thread that runs it.
#include <oneapi/dnnl/dnnl.h>
void omp_set_num_threads(int);
