// The sender's side of one TCP connection as Linux has it: congestion window, round-trip estimate,
// time-outs. Counts segments, knows neither the network nor what is sent.
//
//   slow start      window += acknowledged, up to the threshold; HyStart ends it when the least of
//   the
//                   first 8 samples of a round is an eighth (4 to 16 ms) above the least ever seen
//   CUBIC           window follows origin + 0.4 (t - K)^3, K = cbrt((peak - window) / 0.4), t in
//                   seconds since the loss; at least as fast as Reno with the same decrease, which
//                   is 8 / 15 segments per round trip
//   loss            threshold = 0.7 window; window = threshold
//   time-out        window = 1, threshold lowered the first time only, back-off doubles
//
// The window grows only while it is what limits the sender: in slow start while it is below twice
// the most that was in flight. After an idle time it halves for each time-out that passed, down to
// the initial window; while the application uses less of it, it moves half way to what is used.
//
// Sources: RFC 9438 (CUBIC), RFC 6298 with Linux' floor of the variance (time-out = smoothed round
// trip + 200 ms), RFC 2861; Linux net/ipv4/tcp_cubic.c, tcp_output.c (tcp_cwnd_validate,
// tcp_cwnd_restart, tcp_schedule_loss_probe), tcp_input.c, kernel/time/timer.c. Left out: pacing,
// HyStart's trains of acknowledgements, undoing a needless time-out, the variance of the
// round trip.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace longhaul {

inline constexpr Bytes tcp_segment{1448};  // payload at an MTU of 1500 with time stamps

// Segments that a message fills; at least one.
std::uint32_t tcp_segments(Bytes size);

struct Tcp {
  static constexpr std::uint32_t no_threshold = 0x7fffffff;

  std::uint32_t window = 10;
  std::uint32_t threshold = no_threshold;
  std::uint32_t in_flight = 0;
  std::uint32_t initial_window = 10;
  std::uint32_t widest = 10;  // largest window so far

  // What the sender used of its window.
  bool limited = false;  // the window kept it from sending
  std::uint32_t most_in_flight = 0;
  Lsn usage_ends;  // most_in_flight holds until this is acknowledged
  std::uint32_t used = 0;
  TimePoint validated;

  // HyStart: the least of the first samples of this round of slow start.
  TimePoint round_began;
  std::uint32_t round_samples = 0;
  Duration round_least;

  Duration round_trip;  // smoothed
  Duration least_round_trip;
  std::uint32_t backoff = 0;  // time-outs since the last acknowledgement

  // CUBIC, since the last loss.
  std::uint32_t peak = 0;  // window at the loss
  std::uint32_t origin = 0;
  Duration to_origin;  // K
  TimePoint epoch = TimePoint::never();
  std::uint32_t acknowledged = 0;  // towards the next segment of the window
  std::uint32_t reno = 0;
  std::uint32_t reno_acknowledged = 0;
};

// A connection whose handshake took one round trip.
Tcp tcp_connected(Bytes initial_window, Duration round_trip);

// What the window has room for.
std::uint32_t tcp_room(const Tcp& tcp);

// `segments` were acknowledged after `round_trip`; `grows` unless a loss is being repaired.
void tcp_acknowledged(Tcp& tcp, TimePoint now, std::uint32_t segments, Duration round_trip,
                      bool grows);

// After sending: whether the window kept back data, up to where was sent and acknowledged.
// `full` when the socket's buffer is what limits the application.
struct TcpUse {
  bool held_back = false;
  bool full = false;
  bool slow_start_after_idle = true;
  Lsn sent;
  Lsn acknowledged;
};
void tcp_validate(Tcp& tcp, TimePoint now, Duration timeout, const TcpUse& use);

// Nothing was in flight for `idle`.
void tcp_restart(Tcp& tcp, Duration idle, Duration timeout);

void tcp_lost(Tcp& tcp);
void tcp_timed_out(Tcp& tcp);

// Most that the socket holds of what the application wrote: twice the widest window with the
// kernel's bookkeeping (tcp_sndbuf_expand), within these bounds.
Bytes tcp_send_buffer(const Tcp& tcp, Bytes least, Bytes most);

struct TcpTimeouts {
  Duration least = milliseconds(200);  // on top of the round trip
  Duration most = seconds(120);
};

// The time-out that follows `backoff` others, and when the timer set to it goes off.
Duration tcp_timeout(Duration round_trip, std::uint32_t backoff, const TcpTimeouts& limits);

// How long the sender waits for an acknowledgement of its tail before it probes, at most `rest`.
Duration tcp_probe_after(const Tcp& tcp, Duration rest, const TcpTimeouts& limits);

// How much later than asked a timer of that length goes off on average: half a step of Linux' timer
// wheel at 1000 Hz, whose steps are 1, 8, 64, 512 ms and so on.
Duration timer_lateness(Duration length);

// Waits between attempts to open a connection that nothing answers: 1, 2, 4, 8, 16, 32 s, so that
// SYNs go out after 1, 3, 7, 15, 31, 63 s. Attempt 0 is the first wait.
Duration syn_retry(std::uint32_t attempt);
inline constexpr std::uint32_t syn_retries_max = 6;  // tcp_syn_retries; gives up after 127 s

}  // namespace longhaul
