// oneDNN's C API in one vocabulary. Version 2 (Debian 12) builds an operation from a descriptor
// struct, version 3 (Debian 13, Ubuntu 24.04) from arguments; here both read the same.
#pragma once
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

// OpenMP is told to leave a primitive on the thread that runs it.
void omp_set_num_threads(int);

#if DNNL_VERSION_MAJOR >= 3

typedef const_dnnl_memory_desc_t cdnnl_layout;

static inline dnnl_status_t cdnnl_layout_create(
    cdnnl_layout *layout, int rank, const dnnl_dim_t *dims, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t created;
  dnnl_status_t status =
      dnnl_memory_desc_create_with_tag(&created, rank, dims, dnnl_f32, tag);
  *layout = created;
  return status;
}
static inline void cdnnl_layout_destroy(cdnnl_layout layout) {
  dnnl_memory_desc_destroy((dnnl_memory_desc_t)layout);
}
static inline dnnl_status_t cdnnl_convolution_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout source, cdnnl_layout weights, cdnnl_layout bias,
    cdnnl_layout destination, const dnnl_dim_t *strides, const dnnl_dim_t *before,
    const dnnl_dim_t *after) {
  const dnnl_dim_t dilates[2] = {0, 0};
  return dnnl_convolution_forward_primitive_desc_create(
      pd, engine, prop, dnnl_convolution_direct, source, weights, bias, destination, strides,
      dilates, before, after, attr);
}
static inline dnnl_status_t cdnnl_convolution_backward_data(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout weights, cdnnl_layout destination,
    const dnnl_dim_t *strides, const dnnl_dim_t *before, const dnnl_dim_t *after,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dim_t dilates[2] = {0, 0};
  return dnnl_convolution_backward_data_primitive_desc_create(
      pd, engine, dnnl_convolution_direct, source, weights, destination, strides, dilates,
      before, after, forward, attr);
}
static inline dnnl_status_t cdnnl_convolution_backward_weights(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout weights, cdnnl_layout bias, cdnnl_layout destination,
    const dnnl_dim_t *strides, const dnnl_dim_t *before, const dnnl_dim_t *after,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dim_t dilates[2] = {0, 0};
  return dnnl_convolution_backward_weights_primitive_desc_create(
      pd, engine, dnnl_convolution_direct, source, weights, bias, destination, strides, dilates,
      before, after, forward, attr);
}
static inline dnnl_status_t cdnnl_max_pooling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout source, cdnnl_layout destination,
    const dnnl_dim_t *window) {
  const dnnl_dim_t zero[2] = {0, 0};
  return dnnl_pooling_forward_primitive_desc_create(
      pd, engine, prop, dnnl_pooling_max, source, destination, window, window, zero, zero, zero,
      attr);
}
static inline dnnl_status_t cdnnl_max_pooling_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout destination, const dnnl_dim_t *window,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dim_t zero[2] = {0, 0};
  return dnnl_pooling_backward_primitive_desc_create(
      pd, engine, dnnl_pooling_max, source, destination, window, window, zero, zero, zero,
      forward, attr);
}
static inline dnnl_status_t cdnnl_relu_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout data) {
  return dnnl_eltwise_forward_primitive_desc_create(
      pd, engine, prop, dnnl_eltwise_relu, data, data, 0, 0, attr);
}
static inline dnnl_status_t cdnnl_relu_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout data, const_dnnl_primitive_desc_t forward) {
  return dnnl_eltwise_backward_primitive_desc_create(
      pd, engine, dnnl_eltwise_relu_use_dst_for_bwd, data, data, data, 0, 0, forward, attr);
}
static inline dnnl_status_t cdnnl_reorder(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout from, cdnnl_layout to) {
  return dnnl_reorder_primitive_desc_create(pd, from, engine, to, engine, attr);
}

#else

typedef const dnnl_memory_desc_t *cdnnl_layout;

static inline dnnl_status_t cdnnl_layout_create(
    cdnnl_layout *layout, int rank, const dnnl_dim_t *dims, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t *created = malloc(sizeof *created);
  *layout = created;
  return created ? dnnl_memory_desc_init_by_tag(created, rank, dims, dnnl_f32, tag)
                 : dnnl_out_of_memory;
}
static inline void cdnnl_layout_destroy(cdnnl_layout layout) { free((void *)layout); }

static inline dnnl_status_t cdnnl_convolution_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout source, cdnnl_layout weights, cdnnl_layout bias,
    cdnnl_layout destination, const dnnl_dim_t *strides, const dnnl_dim_t *before,
    const dnnl_dim_t *after) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_convolution_forward_desc_init(
      &d, prop, dnnl_convolution_direct, source, weights, bias, destination, strides, before,
      after);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
}
static inline dnnl_status_t cdnnl_convolution_backward_data(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout weights, cdnnl_layout destination,
    const dnnl_dim_t *strides, const dnnl_dim_t *before, const dnnl_dim_t *after,
    const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_convolution_backward_data_desc_init(
      &d, dnnl_convolution_direct, source, weights, destination, strides, before, after);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, forward);
}
static inline dnnl_status_t cdnnl_convolution_backward_weights(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout weights, cdnnl_layout bias, cdnnl_layout destination,
    const dnnl_dim_t *strides, const dnnl_dim_t *before, const dnnl_dim_t *after,
    const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_convolution_backward_weights_desc_init(
      &d, dnnl_convolution_direct, source, weights, bias, destination, strides, before, after);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, forward);
}
static inline dnnl_status_t cdnnl_max_pooling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout source, cdnnl_layout destination,
    const dnnl_dim_t *window) {
  const dnnl_dim_t zero[2] = {0, 0};
  dnnl_pooling_desc_t d;
  dnnl_status_t status = dnnl_pooling_forward_desc_init(
      &d, prop, dnnl_pooling_max, source, destination, window, window, zero, zero);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
}
static inline dnnl_status_t cdnnl_max_pooling_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout source, cdnnl_layout destination, const dnnl_dim_t *window,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dim_t zero[2] = {0, 0};
  dnnl_pooling_desc_t d;
  dnnl_status_t status = dnnl_pooling_backward_desc_init(
      &d, dnnl_pooling_max, source, destination, window, window, zero, zero);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, forward);
}
static inline dnnl_status_t cdnnl_relu_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    dnnl_prop_kind_t prop, cdnnl_layout data) {
  dnnl_eltwise_desc_t d;
  dnnl_status_t status =
      dnnl_eltwise_forward_desc_init(&d, prop, dnnl_eltwise_relu, data, 0, 0);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
}
static inline dnnl_status_t cdnnl_relu_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout data, const_dnnl_primitive_desc_t forward) {
  dnnl_eltwise_desc_t d;
  dnnl_status_t status = dnnl_eltwise_backward_desc_init(
      &d, dnnl_eltwise_relu_use_dst_for_bwd, data, data, 0, 0);
  return status ? status : dnnl_primitive_desc_create(pd, &d, attr, engine, forward);
}
static inline dnnl_status_t cdnnl_reorder(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, const_dnnl_primitive_attr_t attr,
    cdnnl_layout from, cdnnl_layout to) {
  return dnnl_reorder_primitive_desc_create(pd, from, engine, to, engine, attr);
}

#endif
