// A station: k servers and one first-in first-out queue. Processors of a node are one.
//
// The owner draws the service time, offers the job and schedules its completion; the station only
// counts who is being served and who waits, so it is a value and knows no time. With Poisson
// arrivals and exponential service it is M/M/k, with constant service and one server M/D/1.
#pragma once

#include <cstdint>
#include <optional>

#include "models/ring.h"

namespace longhaul {

template <class Job>
class Station {
 public:
  enum class Offer : std::uint8_t { serve, wait, refuse };

  Station() = default;
  Station(std::uint32_t servers, std::uint32_t waiting_max)
      : servers_(servers), waiting_max_(waiting_max) {}

  // serve: a server is taken, the owner starts the job now. wait: it is in the queue.
  Offer offer(const Job& job) {
    if (busy_ < servers_) {
      busy_ += 1;
      return Offer::serve;
    }
    if (queue_.size() >= waiting_max_) return Offer::refuse;
    queue_.push_back(job);
    return Offer::wait;
  }

  // A server is done. Returns the next job, which takes the same server, or frees the server.
  std::optional<Job> finish() {
    CHECK(busy_ > 0);
    if (queue_.empty()) {
      busy_ -= 1;
      return std::nullopt;
    }
    return queue_.pop_front();
  }

  std::uint32_t busy() const { return busy_; }
  std::uint32_t servers() const { return servers_; }
  std::uint32_t waiting_max() const { return waiting_max_; }
  std::size_t waiting() const { return queue_.size(); }

 private:
  std::uint32_t servers_ = 1;
  std::uint32_t waiting_max_ = 0;
  std::uint32_t busy_ = 0;
  Ring<Job> queue_;
};

}  // namespace longhaul
