#include "models/net/config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<Routes>() {
  static const EnumNames names{
      {"direct", "shortest"},
      {"Each pair of regions has a link of its own, as in a cloud's backbone.",
       "Only links that the scenario gives; messages take the fastest way over them."}};
  return names;
}

const FieldTable& LinkConfig::fields() {
  static const FieldTable table = field_table<LinkConfig>(
      "link",
      {
          field<&LinkConfig::between>("between")
              .about("Both directions between these two regions.")
              .items(2, 2)
              .one_of("ends"),
          field<&LinkConfig::from>("from")
              .about("One direction only: the region that sends. Goes with \"to\".")
              .one_of("ends"),
          field<&LinkConfig::to>("to").about("One direction only: the region that receives."),
          field<&LinkConfig::rtt>("rtt")
              .about("Round-trip time; each direction takes half of it.")
              .source("region catalogue: measured, or estimated and marked so")
              .between(nanoseconds(0), seconds(10)),
          field<&LinkConfig::latency>("latency")
              .about("One-way time of a link given by \"from\" and \"to\".")
              .source("half of the catalogue's round trip")
              .between(nanoseconds(0), seconds(10)),
          field<&LinkConfig::jitter>("jitter")
              .about("Random delay added to every message, drawn by itself for each direction.")
              .source("network.jitter"),
          field<&LinkConfig::bandwidth>("bandwidth")
              .about("Capacity of each direction, first in first out. Absent: network.bandwidth.")
              .between(ByteRate{125}, ByteRate{125'000'000'000'000}),
          field<&LinkConfig::queue>("queue")
              .about(
                  "Longest backlog of each direction, as the time that sending it takes. Absent: "
                  "network.queue.")
              .between(nanoseconds(0), minutes(60)),
          field<&LinkConfig::loss>("loss")
              .about(
                  "Share of packets that each direction loses, cuts apart. Absent: network.loss.")
              .between(Ratio{0}, Ratio{500'000}),
      },
      {"price", "duplicate", "reorder"});
  return table;
}

const FieldTable& NetworkConfig::fields() {
  static const FieldTable table = field_table<NetworkConfig>(
      "network",
      {
          field<&NetworkConfig::routes>("routes")
              .about("How messages find their way.")
              .source("clouds join their regions by a backbone"),
          field<&NetworkConfig::jitter>("jitter")
              .about("Random delay added to every message by each link between regions.")
              .source(
                  "two directions have a standard deviation of 0.28 ms; ICMP pings between cloud "
                  "regions show 0.38 ms in the median (Skyplane grid, 2022-04)"),
          field<&NetworkConfig::bandwidth>("bandwidth")
              .about("Capacity of each direction of a link between regions. Absent: unlimited.")
              .between(ByteRate{125}, ByteRate{125'000'000'000'000}),
          field<&NetworkConfig::queue>("queue")
              .about("Longest backlog of a link of limited bandwidth, as the time that sending it "
                     "takes; what does not fit is dropped and sent again.")
              .source("a round trip's worth of buffer is the rule of thumb; 100 ms is common")
              .between(nanoseconds(0), minutes(60)),
          field<&NetworkConfig::loss>("loss")
              .about("Share of packets that each direction of a link loses, cuts apart.")
              .source("backbones between cloud regions lose next to nothing")
              .between(Ratio{0}, Ratio{500'000}),
          field<&NetworkConfig::same_zone_rtt>("same_zone_rtt")
              .about("Round trip between two machines in one zone.")
              .source("region catalogue")
              .between(nanoseconds(0), seconds(1)),
          field<&NetworkConfig::cross_zone_rtt>("cross_zone_rtt")
              .about("Round trip between two zones of one region.")
              .source("region catalogue")
              .between(nanoseconds(0), seconds(1)),
          field<&NetworkConfig::statement_request>("statement_request")
              .about("Size of one statement with its protocol overhead.")
              .source("a short parametrised query in the extended protocol, order of magnitude")
              .between(Bytes{1}, mebibytes(64)),
          field<&NetworkConfig::statement_reply>("statement_reply")
              .about("Size of a reply without the rows that it carries.")
              .source("row description, command tag and ready-for-query, order of magnitude")
              .between(Bytes{1}, mebibytes(64)),
          field<&NetworkConfig::page_request>("page_request")
              .about("Size of a user's request to an application.")
              .source("order of magnitude of an HTTP request with cookies")
              .between(Bytes{1}, mebibytes(64)),
          field<&NetworkConfig::page_reply>("page_reply")
              .about("Size of an application's answer to a user.")
              .source("order of magnitude of a compressed HTML or JSON answer")
              .between(Bytes{1}, mebibytes(64)),
          field<&NetworkConfig::retransmit_min>("retransmit_min")
              .about(
                  "Smallest TCP retransmission time-out; it doubles with each attempt and starts "
                  "at the round trip plus this.")
              .source("Linux TCP_RTO_MIN; 0.29 s was seen first at a round trip of 80 ms")
              .between(milliseconds(1), seconds(60)),
          field<&NetworkConfig::retransmit_max>("retransmit_max")
              .about("Largest TCP retransmission time-out.")
              .source("Linux TCP_RTO_MAX")
              .between(milliseconds(1), minutes(60)),
          field<&NetworkConfig::retransmits_max>("retransmits_max")
              .about("Attempts after which a message is given up.")
              .source("Linux tcp_retries2")
              .between(0, 30),
      },
      {"mtu"});
  return table;
}

}  // namespace longhaul
