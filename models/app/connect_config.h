// What a scenario may say about how an application finds the server for its writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

enum class FindPrimary : std::uint8_t { probes, fixed, multi_host, dns, proxy };

// libpq's target_session_attrs: what a server must be to be kept.
enum class TargetSession : std::uint8_t { any, read_write, primary };

// libpq's load_balance_hosts: in which order hosts are tried.
enum class HostOrder : std::uint8_t { disable, random };

template <>
const EnumNames& enum_names<FindPrimary>();
template <>
const EnumNames& enum_names<TargetSession>();
template <>
const EnumNames& enum_names<HostOrder>();

// The client's side of its connections, under libpq's names.
struct TcpConfig {
  Duration user_timeout;  // zero: the kernel's
  bool keepalives = true;
  Duration keepalives_idle = minutes(120);
  Duration keepalives_interval = seconds(75);
  std::int64_t keepalives_count = 9;

  static const FieldTable& fields();
  friend bool operator==(const TcpConfig&, const TcpConfig&) = default;
};

struct ConnectConfig {
  FindPrimary by = FindPrimary::probes;
  std::optional<std::vector<std::string>> hosts;
  TargetSession target_session_attrs = TargetSession::read_write;
  HostOrder load_balance_hosts = HostOrder::disable;
  bool role_query = false;
  bool close_on_read_only = false;
  Duration host_recheck;

  Duration ttl = seconds(60);
  Duration propagation;
  Duration cached_at_least;
  Ratio overstay;
  Duration overstay_for = minutes(10);
  Duration negative_ttl = seconds(5);
  bool serve_stale = false;

  std::optional<std::string> region;
  Duration check_interval = seconds(3);
  Duration check_timeout = seconds(3);
  std::int64_t fall = 3;
  std::int64_t rise = 2;
  bool shut_sessions = true;

  static const FieldTable& fields();
  friend bool operator==(const ConnectConfig&, const ConnectConfig&) = default;
};

}  // namespace longhaul
