#include "models/net/tcp.h"

#include <algorithm>

namespace longhaul {
namespace {

constexpr std::int64_t kept_of_1024 = 717;               // 0.7: what a loss leaves of the window
constexpr std::int64_t kernel_segment = 2304;            // a segment's memory with its descriptor
constexpr std::int64_t cube_scale = 10'000'000'000 / 4;  // ms^3 a segment: 1 / (0.4 / 10^9)

std::int64_t cube_root(std::int64_t value) {
  std::int64_t low = 0;
  std::int64_t high = 2'000'000;
  while (low < high) {
    const std::int64_t middle = (low + high + 1) / 2;
    if (static_cast<Int128>(middle) * middle * middle <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

bool slow_start(const Tcp& tcp) { return tcp.window < tcp.threshold; }

// tcp_is_cwnd_limited
bool is_limited(const Tcp& tcp) {
  if (slow_start(tcp)) return tcp.window < 2 * tcp.most_in_flight;
  return tcp.limited;
}

void begin_epoch(Tcp& tcp, TimePoint now) {
  tcp.epoch = now;
  tcp.acknowledged = 0;
  tcp.reno = tcp.window;
  tcp.reno_acknowledged = 0;
  tcp.origin = std::max(tcp.window, tcp.peak);
  tcp.to_origin = milliseconds(cube_root((tcp.origin - tcp.window) * cube_scale));
}

// Where CUBIC wants the window one round trip from now.
std::int64_t cubic_target(const Tcp& tcp, TimePoint now) {
  constexpr std::int64_t ms_max = 1'000'000;
  const Duration since = now + tcp.least_round_trip - tcp.epoch - tcp.to_origin;
  const std::int64_t ms = std::clamp(since.ns / 1'000'000, -ms_max, ms_max);
  return tcp.origin + static_cast<std::int64_t>(static_cast<Int128>(ms) * ms * ms / cube_scale);
}

// Acknowledged segments for which the window grows by one.
std::int64_t segments_a_step(Tcp& tcp, TimePoint now, std::uint32_t segments) {
  const std::int64_t window = tcp.window;
  const std::int64_t target = cubic_target(tcp, now);
  std::int64_t step = target > window ? window / (target - window) : 100 * window;
  tcp.reno_acknowledged += segments;
  const std::uint32_t a_reno_step = std::max(1u, tcp.window * 15 / 8);
  while (tcp.reno_acknowledged > a_reno_step) {
    tcp.reno_acknowledged -= a_reno_step;
    tcp.reno += 1;
  }
  if (tcp.reno > tcp.window) step = std::min(step, window / (tcp.reno - tcp.window));
  return std::max<std::int64_t>(step, 2);
}

void grow(Tcp& tcp, TimePoint now, std::uint32_t segments) {
  if (!is_limited(tcp)) return;
  if (slow_start(tcp)) {
    const std::uint32_t step = std::min(segments, tcp.threshold - tcp.window);
    tcp.window += step;
    segments -= step;
  }
  if (segments > 0) {
    if (tcp.epoch == TimePoint::never()) begin_epoch(tcp, now);
    const std::int64_t step = segments_a_step(tcp, now, segments);
    // What gathered while a step took more counts for one at most (tcp_cong_avoid_ai).
    if (tcp.acknowledged >= step) {
      tcp.acknowledged = 0;
      tcp.window += 1;
    }
    tcp.acknowledged += segments;
    tcp.window += static_cast<std::uint32_t>(tcp.acknowledged / step);
    tcp.acknowledged = static_cast<std::uint32_t>(tcp.acknowledged % step);
  }
  tcp.widest = std::max(tcp.widest, tcp.window);
}

// tcp_current_ssthresh: the window may come back quickly to most of what it was.
void remember_window(Tcp& tcp) {
  tcp.threshold = std::max(tcp.threshold, tcp.window / 2 + tcp.window / 4);
}

void lower_threshold(Tcp& tcp) {
  tcp.epoch = TimePoint::never();
  const std::int64_t window = tcp.window;
  tcp.peak = tcp.window < tcp.peak
                 ? static_cast<std::uint32_t>(window * (1024 + kept_of_1024) / 2048)
                 : tcp.window;
  tcp.threshold =
      std::max<std::uint32_t>(2, static_cast<std::uint32_t>(window * kept_of_1024 / 1024));
}

}  // namespace

std::uint32_t tcp_segments(Bytes size) {
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(1, (size.value + tcp_segment.value - 1) / tcp_segment.value));
}

Tcp tcp_connected(Bytes initial_window, Duration round_trip) {
  Tcp tcp;
  tcp.window = tcp.initial_window = tcp.widest = tcp_segments(initial_window);
  tcp.round_trip = tcp.least_round_trip = round_trip;
  return tcp;
}

std::uint32_t tcp_room(const Tcp& tcp) {
  return tcp.window > tcp.in_flight ? tcp.window - tcp.in_flight : 0;
}

namespace {

// Samples of whole pieces: each counts for the segments that it acknowledges.
void end_slow_start(Tcp& tcp, TimePoint now, std::uint32_t segments, Duration sample) {
  constexpr std::uint32_t samples_needed = 8;
  constexpr std::uint32_t least_window = 16;
  if (now - tcp.round_began > tcp.round_trip) {
    tcp.round_began = now;
    tcp.round_samples = 0;
    tcp.round_least = sample;
  }
  if (tcp.round_samples >= samples_needed) return;
  tcp.round_samples += segments;
  tcp.round_least = std::min(tcp.round_least, sample);
  if (tcp.round_samples < samples_needed || tcp.window < least_window) return;
  const Duration eighth{tcp.least_round_trip.ns / 8};
  const Duration allowed = std::clamp(eighth, milliseconds(4), milliseconds(16));
  if (tcp.round_least > tcp.least_round_trip + allowed) tcp.threshold = tcp.window;
}

}  // namespace

void tcp_acknowledged(Tcp& tcp, TimePoint now, std::uint32_t segments, Duration round_trip,
                      bool grows) {
  tcp.in_flight -= std::min(tcp.in_flight, segments);
  tcp.round_trip += Duration{(round_trip - tcp.round_trip).ns / 8};
  tcp.least_round_trip = std::min(tcp.least_round_trip, round_trip);
  tcp.backoff = 0;
  if (grows && tcp.window < tcp.threshold) end_slow_start(tcp, now, segments, round_trip);
  if (grows) grow(tcp, now, segments);
}

void tcp_validate(Tcp& tcp, TimePoint now, Duration timeout, const TcpUse& use) {
  if (use.acknowledged >= tcp.usage_ends || use.held_back ||
      (!tcp.limited && tcp.in_flight > tcp.most_in_flight)) {
    tcp.limited = use.held_back;
    tcp.most_in_flight = tcp.in_flight;
    tcp.usage_ends = use.sent;
  }
  if (is_limited(tcp)) {
    tcp.used = 0;
    tcp.validated = now;
    return;
  }
  tcp.used = std::max(tcp.used, tcp.in_flight);
  if (!use.slow_start_after_idle || now - tcp.validated < timeout) return;
  const std::uint32_t used = std::max(tcp.used, tcp.initial_window);
  if (!use.full && used < tcp.window) {
    remember_window(tcp);
    tcp.window = (tcp.window + used) / 2;
  }
  tcp.used = 0;
  tcp.validated = now;
}

void tcp_restart(Tcp& tcp, Duration idle, Duration timeout) {
  const std::uint32_t least = std::min(tcp.initial_window, tcp.window);
  remember_window(tcp);
  for (; idle > timeout && tcp.window > least; idle = idle - timeout) tcp.window /= 2;
  tcp.window = std::max(tcp.window, least);
  tcp.epoch = TimePoint::never();
  tcp.used = 0;
}

void tcp_lost(Tcp& tcp) {
  lower_threshold(tcp);
  tcp.window = tcp.threshold;
}

void tcp_timed_out(Tcp& tcp) {
  if (tcp.backoff == 0) lower_threshold(tcp);
  tcp.window = 1;
  tcp.in_flight = 0;
  tcp.backoff = std::min(tcp.backoff + 1, 30u);
}

Bytes tcp_send_buffer(const Tcp& tcp, Bytes least, Bytes most) {
  return std::min(most, std::max(least, Bytes{2 * kernel_segment * tcp.widest}));
}

Duration timer_lateness(Duration length) {
  Duration step = milliseconds(1);
  for (int level = 1; level < 5 && length >= step * 63; ++level) step = step * 8;
  return {step.ns / 2};
}

Duration tcp_timeout(Duration round_trip, std::uint32_t backoff, const TcpTimeouts& limits) {
  const Duration first = round_trip + limits.least;
  const std::int64_t factor = std::int64_t{1} << std::min<std::uint32_t>(backoff, 20);
  const Duration length =
      first.ns >= limits.most.ns / factor ? std::max(first, limits.most) : first * factor;
  return length + timer_lateness(length);
}

Duration tcp_probe_after(const Tcp& tcp, Duration rest, const TcpTimeouts& limits) {
  const Duration tail = tcp.in_flight > 1 ? milliseconds(2) : limits.least;
  const Duration length = std::max(Duration{}, std::min(tcp.round_trip * 2 + tail, rest));
  return length + timer_lateness(length);
}

Duration syn_retry(std::uint32_t attempt) {
  return seconds(1) * (std::int64_t{1} << std::min(attempt, syn_retries_max));
}

}  // namespace longhaul
