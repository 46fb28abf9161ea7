#ifndef NEPHOSCOPE_PREFETCH_H
#define NEPHOSCOPE_PREFETCH_H

/// Asks the processor to bring `lines` cache lines from `start` on; touches nothing, never faults.
static inline void prefetch_lines(const void *start, int lines) {
  for (int line = 0; line < lines; line++) {
    __builtin_prefetch((const char *)start + 64 * line);
  }
}

#endif
