// The sender's side of TCP by itself: windows after each acknowledgement, time-outs, timers.

#include "models/net/tcp.h"
#include "tests/catch.h"

namespace longhaul {
namespace {

constexpr Duration rtt = milliseconds(80);
constexpr Duration timeout = milliseconds(280);

// A sender that always has data: each round trip its whole window goes out and is acknowledged.
struct Busy {
  Tcp tcp = tcp_connected({14'480}, rtt);
  TimePoint now;
  Lsn sent;

  void round() {
    const Lsn acknowledged = sent;
    sent = sent + tcp_segment * tcp_room(tcp);
    tcp.in_flight = tcp.window;
    tcp_validate(tcp, now, timeout,
                 {.held_back = true, .sent = sent, .acknowledged = acknowledged});
    now = now + rtt;
    // One by one, as acknowledgements come.
    for (std::uint32_t left = tcp.in_flight; left > 0; --left) {
      tcp_acknowledged(tcp, now, 1, rtt, true);
    }
  }
};

}  // namespace

TEST_CASE("tcp: slow start doubles the window each round trip up to the threshold",
          "[models][tcp]") {
  Busy busy;
  for (const std::uint32_t window : {10u, 20u, 40u, 80u, 160u}) {
    REQUIRE(busy.tcp.window == window);
    busy.round();
  }
}

TEST_CASE("tcp: a loss leaves 0.7 of the window, then it grows like Reno with that decrease",
          "[models][tcp]") {
  // 20 segments x 717 / 1024 = 14. CUBIC: K = cbrt(6 / 0.4) = 2.47 s, so it is back at 20 after 31
  // round trips and below Reno until then; Reno: 8 / 15 a round trip, 30 round trips make 16.
  Busy busy;
  busy.tcp.window = 20;
  tcp_lost(busy.tcp);
  REQUIRE(busy.tcp.window == 14);
  for (int i = 0; i < 30; ++i) busy.round();
  REQUIRE(busy.tcp.window >= 28);
  REQUIRE(busy.tcp.window <= 31);
}

TEST_CASE("tcp: a large window comes back along CUBIC's curve, whatever the round trip",
          "[models][tcp]") {
  // From 7,000 back to 10,000: K = cbrt(3,000 / 0.4) = 19.57 s = 245 round trips. Half way the
  // curve lacks an eighth of 3,000; Reno would have made 65 of the 3,000.
  Busy busy;
  busy.tcp.window = 10'000;
  tcp_lost(busy.tcp);
  REQUIRE(busy.tcp.window == 7'001);
  for (int i = 0; i < 122; ++i) busy.round();
  REQUIRE(busy.tcp.window > 9'600 - 50);
  REQUIRE(busy.tcp.window < 9'625 + 50);
  for (int i = 0; i < 123; ++i) busy.round();
  REQUIRE(busy.tcp.window > 9'950);
  REQUIRE(busy.tcp.window < 10'020);
}

TEST_CASE("tcp: the window grows to twice what is used and no further", "[models][tcp]") {
  Tcp tcp = tcp_connected({14'480}, rtt);
  TimePoint now;
  Lsn sent;
  for (int i = 0; i < 1000; ++i) {  // 8 segments in flight, one each 10 ms
    sent = sent + tcp_segment;
    if (i >= 8) tcp_acknowledged(tcp, now, 1, rtt, true);
    tcp.in_flight += 1;
    tcp_validate(tcp, now, timeout,
                 {.sent = sent, .acknowledged = i < 8 ? Lsn{} : Lsn{sent.value - 8 * 1448}});
    now = now + milliseconds(10);
    REQUIRE(tcp.window <= 16);
  }
  REQUIRE(tcp.window >= 13);  // it moves towards 10 each 280 ms and grows back within 80
}

TEST_CASE("tcp: idle time halves the window for each time-out, down to the initial one",
          "[models][tcp]") {
  Tcp tcp = tcp_connected({14'480}, rtt);
  tcp.window = 100;
  tcp_restart(tcp, timeout * 2, timeout);
  REQUIRE(tcp.window == 50);
  tcp_restart(tcp, seconds(100), timeout);
  REQUIRE(tcp.window == 10);
}

TEST_CASE("tcp: slow start ends when the round trip begins to grow", "[models][tcp]") {
  // HyStart: a round whose least sample is a tenth of 80 ms above the least ever seen (an eighth is
  // 10 ms) goes on; one that is 11 ms above ends it, at the window of that moment. Below 16
  // segments nothing is judged.
  for (const bool grown : {false, true}) {
    Tcp tcp = tcp_connected({14'480}, rtt);
    TimePoint now;
    const Duration sample = rtt + milliseconds(grown ? 11 : 8);
    for (int round = 0; round < 3; ++round) {
      now = now + milliseconds(200);
      const std::uint32_t window = tcp.window;
      tcp.in_flight = window;
      tcp.limited = true;
      tcp.most_in_flight = window;
      tcp_acknowledged(tcp, now, window, round == 0 ? rtt : sample, true);
    }
    // 10, 20, 40, 80; or ended at the 20 of the second round, 20 being its threshold from then on.
    if (grown) {
      REQUIRE(tcp.threshold == 20);
      REQUIRE(tcp.window < 40);
    } else {
      REQUIRE(tcp.window == 80);
      REQUIRE(tcp.threshold == Tcp::no_threshold);
    }
  }
}

TEST_CASE("tcp: time-outs lower the threshold once, the window to one, and double",
          "[models][tcp]") {
  Tcp tcp = tcp_connected({14'480}, rtt);
  tcp.window = 20;
  for (const std::int64_t ms :
       {280, 560, 1120, 2240, 4480, 8960, 17'920, 35'840, 71'680, 120'000, 120'000}) {
    const Duration length = milliseconds(ms);
    REQUIRE(tcp_timeout(rtt, tcp.backoff, {}) == length + timer_lateness(length));
    tcp_timed_out(tcp);
    REQUIRE(tcp.window == 1);
    REQUIRE(tcp.threshold == 14);
  }
  tcp_acknowledged(tcp, {}, 1, rtt, true);
  REQUIRE(tcp.backoff == 0);
}

TEST_CASE("tcp: timers are late by half a step of the kernel's wheel", "[models][tcp]") {
  // Linux kernel/time/timer.c at 1000 Hz: steps of 1 ms below 63, of 8 below 504, 64 below 4,032.
  REQUIRE(timer_lateness(milliseconds(62)) == microseconds(500));
  REQUIRE(timer_lateness(milliseconds(63)) == milliseconds(4));
  REQUIRE(timer_lateness(milliseconds(503)) == milliseconds(4));
  REQUIRE(timer_lateness(milliseconds(504)) == milliseconds(32));
  REQUIRE(timer_lateness(milliseconds(4'031)) == milliseconds(32));
  REQUIRE(timer_lateness(milliseconds(4'032)) == milliseconds(256));
  REQUIRE(timer_lateness(seconds(120)) == milliseconds(2'048));
}

TEST_CASE("tcp: SYNs go out after 1, 3, 7, 15, 31 and 63 s and end after 127", "[models][tcp]") {
  Duration after;
  std::uint32_t attempt = 0;
  for (const std::int64_t s : {1, 3, 7, 15, 31, 63, 127}) {
    after += syn_retry(attempt++);
    REQUIRE(after == seconds(s));
  }
}

}  // namespace longhaul
