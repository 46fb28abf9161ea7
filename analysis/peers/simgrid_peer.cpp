// The workloads of nephoscope-bench in SimGrid's S4U, the way its own examples are written.
//
//   simgrid_peer NAME [SimGrid options]    prints {"name": ..., "items": ..., "ns_per_item": ...}
//   simgrid_peer sharing                   prints when three flows over one core are through

#include <simgrid/s4u.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <queue>
#include <random>
#include <string>

namespace sg4 = simgrid::s4u;

static double exponential(std::mt19937_64 &random, double mean) {
  return std::exponential_distribution<double>(1 / mean)(random);
}

static sg4::Host *host(sg4::NetZone *zone) { return zone->create_host("host", 1e9); }

static long sleepers(sg4::NetZone *zone, int processes, int sleeps) {
  auto *here = host(zone);
  zone->seal();
  for (int i = 0; i < processes; i++)
    sg4::Actor::create("sleeper", here, [i, sleeps] {
      std::mt19937_64 random(i);
      for (int k = 0; k < sleeps; k++) sg4::this_actor::sleep_for(exponential(random, 1e-3));
    });
  return (long)processes * sleeps;
}

static long queue_with_a_process_per_customer(sg4::NetZone *zone, int customers) {
  auto *here = host(zone);
  zone->seal();
  sg4::Actor::create("source", here, [customers, here] {
    std::mt19937_64 arrivals(1);
    auto service = std::make_shared<std::mt19937_64>(2);
    auto server = sg4::Semaphore::create(1);
    for (int i = 0; i < customers; i++) {
      sg4::this_actor::sleep_for(exponential(arrivals, 1e-3));
      sg4::Actor::create("customer", here, [server, service] {
        server->acquire();
        sg4::this_actor::sleep_for(exponential(*service, 0.9e-3));
        server->release();
      });
    }
  });
  return customers;
}

static long queue_with_a_store(sg4::NetZone *zone, int customers) {
  auto *here = host(zone);
  zone->seal();
  auto filled = sg4::Semaphore::create(0);
  auto queue = std::make_shared<std::queue<double>>();
  sg4::Actor::create("source", here, [=] {
    std::mt19937_64 arrivals(1);
    for (int i = 0; i < customers; i++) {
      sg4::this_actor::sleep_for(exponential(arrivals, 1e-3));
      queue->push(sg4::Engine::get_clock());
      filled->release();
    }
  });
  sg4::Actor::create("server", here, [=] {
    std::mt19937_64 service(2);
    for (int i = 0; i < customers; i++) {
      filled->acquire();
      queue->pop();
      sg4::this_actor::sleep_for(exponential(service, 0.9e-3));
    }
  });
  return customers;
}

static long ping_pong(sg4::NetZone *zone, int pairs, int rounds) {
  auto *here = host(zone);
  zone->seal();
  for (int i = 0; i < pairs; i++) {
    auto there = sg4::Semaphore::create(0), back = sg4::Semaphore::create(0);
    auto number = std::make_shared<long>(i);
    sg4::Actor::create("ping", here, [=] {
      for (int k = 0; k < rounds; k++) {
        there->release();
        back->acquire();
        ++*number;
      }
    });
    sg4::Actor::create("pong", here, [=] {
      for (int k = 0; k < rounds; k++) {
        there->acquire();
        ++*number;
        back->release();
      }
    });
  }
  return 2L * pairs * rounds;
}

static long transfers(sg4::NetZone *zone, int clients, int each) {
  const double caps[] = {10e6, 40e6, 80e6};
  auto *link = zone->create_link("server", 50e9 * clients / 20000)->set_latency(0);
  auto *source = zone->create_host("source", 1e9), *sink = zone->create_host("sink", 1e9);
  zone->add_route(source->get_netpoint(), sink->get_netpoint(), nullptr, nullptr,
                  {sg4::LinkInRoute(link)});
  zone->seal();
  for (int i = 0; i < clients; i++)
    sg4::Actor::create("client", source, [=] {
      std::mt19937_64 random(i);
      for (int k = 0; k < each; k++) {
        sg4::this_actor::sleep_for(exponential(random, 1));
        auto comm = sg4::Comm::sendto_init();
        comm->set_rate(caps[i % 3]);
        comm->set_payload_size(exponential(random, 5e6) + 1);
        comm->set_source(source)->set_destination(sink)->wait();
      }
    });
  return (long)clients * each;
}

static void sharing(sg4::NetZone *zone) {
  auto *core = zone->create_link("core", 100e6)->set_latency(0);
  auto *server = zone->create_host("server", 1e9);
  for (int i = 0; i < 3; i++) {
    auto name = std::to_string(i);
    auto *nic = zone->create_link("nic " + name, i == 0 ? 20e6 : 80e6)->set_latency(0);
    auto *client = zone->create_host("client " + name, 1e9);
    zone->add_route(client->get_netpoint(), server->get_netpoint(), nullptr, nullptr,
                    {sg4::LinkInRoute(nic), sg4::LinkInRoute(core)});
    sg4::Actor::create("client " + name, client, [=] {
      sg4::Comm::sendto(client, server, 100'000'000);
      std::printf("flow %d is through at %.6f s\n", i, sg4::Engine::get_clock());
    });
  }
  zone->seal();
}

static double seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  sg4::Engine engine(&argc, argv);
  std::string name = argc > 1 ? argv[1] : "";
  auto *zone = sg4::create_full_zone("zone");
  const std::map<std::string, std::function<long()>> workloads = {
      {"sleep-1e3", [=] { return sleepers(zone, 1'000, 500); }},
      {"sleep-1e5", [=] { return sleepers(zone, 100'000, 20); }},
      {"mm1-process", [=] { return queue_with_a_process_per_customer(zone, 100'000); }},
      {"mm1-store", [=] { return queue_with_a_store(zone, 100'000); }},
      {"ping-pong", [=] { return ping_pong(zone, 1'000, 100); }},
      {"transfers-1e2", [=] { return transfers(zone, 200, 50); }},
      {"transfers-1e3", [=] { return transfers(zone, 2'000, 2); }},
  };
  double start = seconds();
  if (name == "sharing") {
    sharing(zone);
    engine.run();
    return 0;
  }
  auto workload = workloads.find(name);
  if (workload == workloads.end()) return 64;
  long items = workload->second();
  engine.run();
  double ns = (seconds() - start) * 1e9 / items;
  std::printf("{\"name\": \"%s\", \"items\": %ld, \"ns_per_item\": %.3f}\n", name.c_str(), items, ns);
  return 0;
}
