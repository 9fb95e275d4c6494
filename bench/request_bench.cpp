// Request and response: 3 regions x 100 clients think for exp(100 ms), send 200 bytes over 40 ms
// one way at 1 Gbit/s to one server with 8 slots of exp(2 ms), and get 200 bytes back.
//
// Twice in one process, A B A B: with the parts that the simulator is made of (Scheduler with
// digest, Network, Station, keyed draws, distributions, a histogram of every answer) and by a loop
// written by hand for this one purpose (a 4-ary heap, a shared xorshift, the C library's log, a
// sum). The mean answer of both must be 82.01 ms within its noise. A ratio of 1 means as fast as by
// hand.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "bench/plain_heap.h"
#include "models/host/station.h"
#include "models/net/network.h"
#include "models/ring.h"
#include "sim/histogram.h"
#include "sim/rng.h"
#include "sim/scheduler.h"

namespace longhaul::bench {
namespace {

constexpr int regions = 3;
constexpr int clients_per_region = 100;
constexpr int clients = regions * clients_per_region;
constexpr int slots = 8;
constexpr std::int64_t size_bytes = 200;
constexpr std::int64_t latency_ns = 40'000'000;
constexpr std::int64_t think_ns = 100'000'000;
constexpr std::int64_t service_ns = 2'000'000;
constexpr std::int64_t bytes_per_s = 125'000'000;
constexpr std::int64_t horizon_ns = 600'000'000'000;

enum Kind : std::uint16_t { think_over, at_server, served, at_client };

struct Outcome {
  std::uint64_t answers = 0;
  double mean_ms = 0;
  double seconds = 0;
};

// ---- By hand -----------------------------------------------------------------------------------

class ByHand {
 public:
  Outcome run() {
    for (std::uint64_t client = 0; client < clients; ++client) {
      push(exponential(think_ns), think_over, client);
    }
    while (!heap_.empty()) {
      const HeapEvent event = heap_.pop();
      if (event.at > horizon_ns) break;
      now_ = event.at;
      handle(event.payload & 0xff, event.payload >> 8);
    }
    Outcome outcome;
    outcome.answers = answers_;
    outcome.mean_ms = static_cast<double>(sum_) / static_cast<double>(answers_) / 1e6;
    return outcome;
  }

 private:
  void push(std::int64_t at, std::uint64_t kind, std::uint64_t client) {
    heap_.push({at, serial_++, client << 8 | kind});
  }

  std::int64_t exponential(std::int64_t mean) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const double u = (static_cast<double>(state_ >> 11) + 0.5) * 0x1p-53;
    return static_cast<std::int64_t>(-std::log(u) * static_cast<double>(mean));
  }

  std::int64_t transmit(std::int64_t& busy_until) {
    busy_until = std::max(busy_until, now_) + size_bytes * 1'000'000'000 / bytes_per_s;
    return busy_until + latency_ns;
  }

  void handle(std::uint64_t kind, std::uint64_t client) {
    switch (kind) {
      case think_over:
        sent_[client] = now_;
        push(transmit(up_[client / clients_per_region]), at_server, client);
        break;
      case at_server:
        if (busy_ < slots) {
          ++busy_;
          push(now_ + exponential(service_ns), served, client);
        } else {
          waiting_.push_back(client);
        }
        break;
      case served:
        push(transmit(down_[client / clients_per_region]), at_client, client);
        if (waiting_.empty()) {
          --busy_;
        } else {
          push(now_ + exponential(service_ns), served, waiting_.pop_front());
        }
        break;
      case at_client:
        sum_ += now_ - sent_[client];
        ++answers_;
        push(now_ + exponential(think_ns), think_over, client);
        break;
    }
  }

  PlainHeap heap_;
  std::uint64_t serial_ = 0;
  std::uint64_t state_ = 88172645463325252ULL;
  std::int64_t now_ = 0;
  std::array<std::int64_t, clients> sent_{};
  std::array<std::int64_t, regions> up_{};
  std::array<std::int64_t, regions> down_{};
  int busy_ = 0;
  Ring<std::uint64_t> waiting_;
  std::uint64_t answers_ = 0;
  std::int64_t sum_ = 0;
};

// ---- With the simulator's parts ----------------------------------------------------------------

class WithParts {
 public:
  WithParts() {
    for (std::uint32_t region = 0; region < regions; ++region) {
      Link link;
      link.latency = {latency_ns};
      link.bandwidth = {bytes_per_s};
      Path there;
      there.links = {network_.add_link(link)};
      up_[region] = network_.add_path(there);
      Path back;
      back.links = {network_.add_link(link)};
      down_[region] = network_.add_path(back);
    }
    for (std::uint32_t client = 0; client < clients; ++client) {
      clients_[client].key = stream(1, "client", client);
    }
  }

  Outcome run() {
    for (std::uint32_t client = 0; client < clients; ++client) think(client);
    Event event;
    while (scheduler_.pop_until({horizon_ns}, event)) handle(event);
    Outcome outcome;
    outcome.answers = answers_.count();
    outcome.mean_ms = static_cast<double>(answers_.average()) / 1e6;
    return outcome;
  }

 private:
  struct Client {
    StreamKey key;
    std::uint64_t request = 0;
    TimePoint sent;
    std::uint16_t generation = 0;
  };

  std::uint64_t draw(std::uint32_t client, std::uint32_t purpose) const {
    return draw_bits(clients_[client].key, clients_[client].request, purpose);
  }

  void schedule(TimePoint at, Kind kind, std::uint32_t client) {
    scheduler_.at(at, EventClass::ordinary, client, kind, clients_[client].generation, 0);
  }

  void think(std::uint32_t client) {
    schedule(scheduler_.now() + sample(think_time_, draw(client, 0)), think_over, client);
  }

  void serve(std::uint32_t client) {
    schedule(scheduler_.now() + sample(service_time_, draw(client, 1)), served, client);
  }

  void transmit(PathId path, Kind kind, std::uint32_t client) {
    const Delivery delivery = network_.send(scheduler_.now(), path, {size_bytes}, draw(client, 2));
    schedule(delivery.at, kind, client);
  }

  void handle(const Event& event) {
    const std::uint32_t client = event.target;
    if (event.generation != clients_[client].generation) return;
    switch (static_cast<Kind>(event.kind)) {
      case think_over:
        clients_[client].sent = scheduler_.now();
        transmit(up_[client / clients_per_region], at_server, client);
        break;
      case at_server:
        if (server_.offer(client) == Station<std::uint32_t>::Offer::serve) serve(client);
        break;
      case served:
        transmit(down_[client / clients_per_region], at_client, client);
        if (const auto next = server_.finish()) serve(*next);
        break;
      case at_client:
        answers_.record((scheduler_.now() - clients_[client].sent).ns);
        clients_[client].request += 1;
        think(client);
        break;
    }
  }

  Scheduler scheduler_;
  Network network_;
  Station<std::uint32_t> server_{slots, clients};
  std::array<PathId, regions> up_;
  std::array<PathId, regions> down_;
  std::array<Client, clients> clients_;
  DurationDistribution think_time_ = DurationDistribution::exponential({think_ns});
  DurationDistribution service_time_ = DurationDistribution::exponential({service_ns});
  Histogram answers_;
};

template <class Model>
Outcome timed() {
  const auto begin = std::chrono::steady_clock::now();
  Model model;
  Outcome outcome = model.run();
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return outcome;
}

int report() {
  constexpr int pairs = 7;
  std::vector<double> ratios;
  Outcome hand;
  Outcome parts;
  for (int pair = 0; pair < pairs; ++pair) {
    parts = timed<WithParts>();
    hand = timed<ByHand>();
    ratios.push_back(hand.seconds / static_cast<double>(hand.answers) /
                     (parts.seconds / static_cast<double>(parts.answers)));
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("request and response, median of %d pairs (min .. max); mean answer 82.01 ms\n",
              pairs);
  std::printf("  by hand     %8.3f M answers/s   mean %.3f ms\n",
              static_cast<double>(hand.answers) / hand.seconds / 1e6, hand.mean_ms);
  std::printf("  with parts  %8.3f M answers/s   mean %.3f ms\n",
              static_cast<double>(parts.answers) / parts.seconds / 1e6, parts.mean_ms);
  std::printf("  ratio %.2f (%.2f .. %.2f), at least 0.50 wanted\n", ratios[pairs / 2],
              ratios.front(), ratios.back());
  return 0;
}

}  // namespace
}  // namespace longhaul::bench

int main() { return longhaul::bench::report(); }
