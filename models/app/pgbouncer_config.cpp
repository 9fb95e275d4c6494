#include "models/app/pgbouncer_config.h"

namespace longhaul {

template <>
const EnumNames& enum_names<PoolerOf>() {
  static const EnumNames names{{"instance", "app"},
                               {"Each instance has one beside it.",
                                "All instances of the application share one, in their zone."}};
  return names;
}

const FieldTable& PgBouncerConfig::fields() {
  constexpr Duration longest = minutes(60 * 24 * 366);
  static const FieldTable table = field_table<PgBouncerConfig>(
      "pgbouncer",
      {
          field<&PgBouncerConfig::one_for>("one_for")
              .about("Whose connections go through one PgBouncer.")
              .source("beside each process, reached without a network"),
          field<&PgBouncerConfig::default_pool_size>("default_pool_size")
              .about("Most connections to one database, opened one at a time.")
              .source("PgBouncer")
              .between(1, 10'000),
          field<&PgBouncerConfig::max_client_conn>("max_client_conn")
              .about("Clients at a time; one more fails at once. Each statement or transaction "
                     "that is under way is a client.")
              .source("PgBouncer")
              .between(1, 1'000'000),
          field<&PgBouncerConfig::query_wait_timeout>("query_wait_timeout")
              .about("How long a client waits for a connection before it is closed; the "
                     "application's statement_timeout runs meanwhile.")
              .source("PgBouncer")
              .between(milliseconds(1), minutes(60 * 24)),
          field<&PgBouncerConfig::server_connect_timeout>("server_connect_timeout")
              .about("How long an attempt to connect may take.")
              .source("PgBouncer")
              .between(milliseconds(1), minutes(60)),
          field<&PgBouncerConfig::server_login_retry>("server_login_retry")
              .about("After an attempt to connect that failed, from its beginning until the next. "
                     "Meanwhile a client fails at once if no connection is left.")
              .source("PgBouncer")
              .between(Duration{}, minutes(60)),
          field<&PgBouncerConfig::server_check_delay>("server_check_delay")
              .about("A connection that was idle for longer is asked an empty query before it "
                     "serves again.")
              .source("PgBouncer")
              .between(milliseconds(1), minutes(60 * 24)),
          field<&PgBouncerConfig::server_lifetime>("server_lifetime")
              .about("Age at which a connection is closed when nobody uses it; two of them at "
                     "least server_lifetime / default_pool_size apart.")
              .source("PgBouncer")
              .between(seconds(1), longest),
          field<&PgBouncerConfig::server_idle_timeout>("server_idle_timeout")
              .about("A connection that was idle for longer is closed.")
              .source("PgBouncer")
              .between(seconds(1), longest),
          field<&PgBouncerConfig::dns_max_ttl>("dns_max_ttl")
              .about("How long an address is kept, whatever the record's TTL. When the name is "
                     "looked up anew and leads elsewhere, connections to the old address are "
                     "closed as soon as nobody uses them.")
              .source("PgBouncer")
              .between(Duration{}, longest),
          field<&PgBouncerConfig::dns_nxdomain_ttl>("dns_nxdomain_ttl")
              .about("How long an empty answer is kept.")
              .source("PgBouncer")
              .between(Duration{}, longest),
      },
      {"pool_mode", "reserve_pool_size", "reserve_pool_timeout", "min_pool_size",
       "max_db_connections", "query_timeout", "client_login_timeout", "client_idle_timeout",
       "server_check_query", "server_fast_close", "server_round_robin", "load_balance_hosts",
       "dns_zone_check_period"});
  return table;
}

}  // namespace longhaul
