// What a scenario may say about the PgBouncer between an application and its databases, under
// PgBouncer's own names.
#pragma once

#include <cstdint>

#include "base/fields.h"
#include "base/units.h"

namespace longhaul {

// Who shares one.
enum class PoolerOf : std::uint8_t { instance, app };

template <>
const EnumNames& enum_names<PoolerOf>();

struct PgBouncerConfig {
  PoolerOf one_for = PoolerOf::instance;
  std::int64_t default_pool_size = 20;
  std::int64_t max_client_conn = 100;
  Duration query_wait_timeout = seconds(120);
  Duration server_connect_timeout = seconds(15);
  Duration server_login_retry = seconds(15);
  Duration server_check_delay = seconds(30);
  Duration server_lifetime = seconds(3600);
  Duration server_idle_timeout = seconds(600);
  Duration dns_max_ttl = seconds(15);
  Duration dns_nxdomain_ttl = seconds(15);

  static const FieldTable& fields();
  friend bool operator==(const PgBouncerConfig&, const PgBouncerConfig&) = default;
};

}  // namespace longhaul
