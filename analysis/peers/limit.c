// The limit: the same work as a bare loop over a four-ary heap in C, with no process anywhere.
//
//   limit NAME      prints {"name": ..., "items": ..., "ns_per_item": ...}
//
// What an event does is written out in the loop, and nothing is allocated while it runs.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// xoshiro256++ (Blackman and Vigna 2019), seeded by splitmix64: the generator of Nephoscope.
typedef struct { uint64_t s[4]; } Random;

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static Random random_new(uint64_t seed) {
  Random r;
  uint64_t state = mix(seed + 1);
  for (int i = 0; i < 4; i++) r.s[i] = mix(state += 0x9e3779b97f4a7c15u);
  return r;
}

static inline uint64_t rotate(uint64_t x, int k) { return x << k | x >> (64 - k); }

static inline double exponential(Random *r, double mean) {
  uint64_t *s = r->s, result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
  s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotate(s[3], 45);
  return -mean * log(1 - (double)(result >> 11) * 0x1p-53);
}

// Events in the order of time, then of scheduling.
typedef struct { int64_t time; uint64_t order; uint32_t what; } Event;

static Event *heap;
static int count;
static uint64_t ordered;

static inline int before(Event a, Event b) {
  return a.time < b.time || (a.time == b.time && a.order < b.order);
}

static inline void push(int64_t time, uint32_t what) {
  Event event = {time, ordered++, what};
  int hole = count++;
  while (hole > 0 && before(event, heap[(hole - 1) / 4])) {
    heap[hole] = heap[(hole - 1) / 4];
    hole = (hole - 1) / 4;
  }
  heap[hole] = event;
}

static inline Event pop(void) {
  Event first = heap[0], last = heap[--count];
  int hole = 0;
  for (;;) {
    int child = 4 * hole + 1, end = child + 4 < count ? child + 4 : count;
    if (child >= count) break;
    int least = child;
    for (int i = child + 1; i < end; i++) if (before(heap[i], heap[least])) least = i;
    if (!before(heap[least], last)) break;
    heap[hole] = heap[least];
    hole = least;
  }
  heap[hole] = last;
  return first;
}

static uint64_t checksum;

static long sleepers(int processes, int sleeps) {
  Random *randoms = malloc(processes * sizeof(Random));
  int *left = malloc(processes * sizeof(int));
  for (int i = 0; i < processes; i++) {
    randoms[i] = random_new(i);
    left[i] = sleeps;
    push((int64_t)(exponential(&randoms[i], 1e6) + 0.5), i);
  }
  while (count > 0) {
    Event event = pop();
    checksum += event.time ^ event.what;
    if (--left[event.what] == 0) continue;
    push(event.time + (int64_t)(exponential(&randoms[event.what], 1e6) + 0.5), event.what);
  }
  free(randoms);
  free(left);
  return (long)processes * sleeps;
}

static long queue(int customers) {
  enum { ARRIVAL, DEPARTURE };
  Random arrivals = random_new(1), service = random_new(2);
  int arrived = 0, waiting = 0, busy = 0;
  push((int64_t)(exponential(&arrivals, 1e6) + 0.5), ARRIVAL);
  while (count > 0) {
    Event event = pop();
    checksum += event.time;
    if (event.what == ARRIVAL) {
      if (++arrived < customers)
        push(event.time + (int64_t)(exponential(&arrivals, 1e6) + 0.5), ARRIVAL);
      waiting++;
    } else {
      busy = 0;
    }
    if (!busy && waiting > 0) {
      busy = 1;
      waiting--;
      push(event.time + (int64_t)(exponential(&service, 0.9e6) + 0.5), DEPARTURE);
    }
  }
  return customers;
}

static long hold(int size) {
  enum { operations = 2000000 };
  static int64_t delays[65536];
  Random random = random_new(1);
  for (int i = 0; i < 65536; i++) delays[i] = (int64_t)exponential(&random, 1e6);
  for (int i = 0; i < size; i++) push(delays[i & 65535], i);
  for (long i = 0; i < operations; i++) {
    Event event = pop();
    push(event.time + delays[(i * 40503) & 65535], event.what);
    checksum += event.time;
  }
  count = 0;
  return operations;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  heap = malloc(1100000 * sizeof(Event));
  double start = seconds();
  long items = 0;
  if (!strcmp(name, "sleep-1e3") || !strcmp(name, "handlers-1e3")) items = sleepers(1000, 2000);
  else if (!strcmp(name, "sleep-1e5")) items = sleepers(100000, 20);
  else if (!strcmp(name, "mm1-process") || !strcmp(name, "mm1-store")) items = queue(500000);
  else if (!strncmp(name, "hold-", 5)) items = hold((int)strtod(name + 5, NULL));
  else return 64;
  double ns = (seconds() - start) * 1e9 / items;
  fprintf(stderr, "checksum %llu\n", (unsigned long long)checksum);
  printf("{\"name\": \"%s\", \"items\": %ld, \"ns_per_item\": %.3f}\n", name, items, ns);
  return 0;
}
