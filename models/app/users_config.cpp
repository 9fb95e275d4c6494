#include "models/app/users_config.h"

namespace longhaul {

const FieldTable& StatementConfig::fields() {
  static const FieldTable table = field_table<StatementConfig>(
      "statement",
      {
          field<&StatementConfig::read>("read")
              .about("Reads rows of this data set.")
              .one_of("does"),
          field<&StatementConfig::locking_read>("locking_read")
              .about("SELECT ... FOR UPDATE on this data set: runs on the primary.")
              .one_of("does"),
          field<&StatementConfig::write>("write")
              .about("Writes rows of this data set.")
              .one_of("does"),
          field<&StatementConfig::sql>("sql")
              .about("The statement as SQL text, classified as in production: it reads, locks or "
                     "writes the data set in \"data\", or the first that it changes or names.")
              .one_of("does"),
          field<&StatementConfig::data>("data").about(
              "With sql: the data set that it touches, where no table has its name."),
          field<&StatementConfig::times>("times")
              .about("Repeats the statement, one after another.")
              .source("once")
              .between(1, 10'000),
          field<&StatementConfig::rows>("rows")
              .about("Rows that the statement touches.")
              .source("one")
              .between(1, 1'000),
          field<&StatementConfig::own>("own")
              .about("Touches the user's own row, the one they wrote last, instead of a drawn one.")
              .source("drawn rows"),
          field<&StatementConfig::in_order>("in_order")
              .about("Touches the rows of the set one after another, from page to page, as a "
                     "backfill does.")
              .source("drawn rows"),
          field<&StatementConfig::needs>("needs")
              .about("Columns of its data set that it names, of those that an alter_table adds or "
                     "drops: a database that does not show one of them refuses it as "
                     "\"undefined_column\".")
              .source("columns that are there all the time")
              .items(1, 64),
      });
  return table;
}

const FieldTable& CallConfig::fields() {
  static const FieldTable table = field_table<CallConfig>(
      "call",
      {
          field<&CallConfig::read>("read").about("Reads rows of this data set.").one_of("does"),
          field<&CallConfig::locking_read>("locking_read")
              .about("SELECT ... FOR UPDATE on this data set: runs on the primary.")
              .one_of("does"),
          field<&CallConfig::write>("write").about("Writes rows of this data set.").one_of("does"),
          field<&CallConfig::enqueue>("enqueue")
              .about("Leaves a write of this data set in the app's queue (topology.apps.outbox), "
                     "which "
                     "sends it to the primary later.")
              .one_of("does"),
          field<&CallConfig::transaction>("transaction")
              .about(
                  "BEGIN, these statements, COMMIT; each a round trip. Runs whole on the primary "
                  "when one of them writes or locks.")
              .items(1, 1'000)
              .one_of("does"),
          field<&CallConfig::sql>("sql")
              .about("The statement as SQL text, classified as in production: it reads, locks or "
                     "writes the data set in \"data\", or the first that it changes or names.")
              .one_of("does"),
          field<&CallConfig::data>("data").about(
              "With sql: the data set that it touches, where no table has its name."),
          field<&CallConfig::times>("times")
              .about("Repeats the call, one after another: the N of an N+1 page.")
              .source("once")
              .between(1, 10'000),
          field<&CallConfig::rows>("rows")
              .about("Rows that the statement touches.")
              .source("one")
              .between(1, 1'000),
          field<&CallConfig::own>("own")
              .about("Touches the user's own row, the one they wrote last, instead of a drawn one.")
              .source("drawn rows"),
          field<&CallConfig::in_order>("in_order")
              .about("Touches the rows of the set one after another, from page to page, as a "
                     "backfill does.")
              .source("drawn rows"),
          field<&CallConfig::needs>("needs")
              .about("Columns of its data set that it names, of those that an alter_table adds or "
                     "drops: a database that does not show one of them refuses it as "
                     "\"undefined_column\".")
              .source("columns that are there all the time")
              .items(1, 64),
          field<&CallConfig::idempotency_key>("idempotency_key")
              .about(
                  "The write carries a unique key, so that the server does it once however often "
                  "it is tried (policy.retries).")
              .source("writes carry none unless an application makes them"),
          field<&CallConfig::optimistic>("optimistic")
              .about("The page shows the write and goes on before the database has it; one that "
                     "comes to nothing is an optimistic_lies.")
              .source("a page shows what is acknowledged"),
          field<&CallConfig::synchronous_commit>("synchronous_commit")
              .about("What this call's commit waits for, instead of postgres.synchronous_commit."),
          field<&CallConfig::max_staleness>("max_staleness")
              .about("Instead of the page's, for a call that does not write.")
              .between(Duration{0}, minutes(60 * 24)),
          field<&CallConfig::cached>("cached")
              .about(
                  "A read that is looked up in the cache of the app's region first; see caches. A "
                  "max_staleness below caches.ttl goes past the cache.")
              .source("straight to a database"),
          field<&CallConfig::from_version>("from_version")
              .about("Made by instances of the app that run this version or a later one; see the "
                     "fault deploy. All begin with version 1.")
              .source("all versions alike")
              .between(1, 1'000),
          field<&CallConfig::until_version>("until_version")
              .about("Made by instances that run this version or an earlier one. Absent: no end.")
              .between(1, 1'000),
      },
      {"publish", "call", "lock_for"});
  return table;
}

const FieldTable& PageConfig::fields() {
  static const FieldTable table = field_table<PageConfig>(
      "page",
      {
          field<&PageConfig::name>("name").about("Name of the page.").required(),
          field<&PageConfig::weight>("weight")
              .about("Share of this page among the pages of its population.")
              .source("all pages alike")
              .between(1, 1'000'000),
          field<&PageConfig::calls>("calls")
              .about("What it asks of the database, in sequence.")
              .items(1, 1'000)
              .required(),
          field<&PageConfig::max_staleness>("max_staleness")
              .about("How old the rows may be that its reads return. 0s is never stale: the "
                     "primary. Else replicas whose last observed lag plus the age of that "
                     "observation is within it, an open lag breaker or not. Absent: what "
                     "the breakers let through.")
              .between(Duration{0}, minutes(60 * 24)),
          field<&PageConfig::cdn>("cdn").about(
              "What a CDN answers in the users' region. Absent: every page enters an app."),
      });
  return table;
}

const FieldTable& PopulationConfig::fields() {
  static const FieldTable table = field_table<PopulationConfig>(
      "population",
      {
          field<&PopulationConfig::name>("name").about("Name of these users.").required(),
          field<&PopulationConfig::from>("from")
              .about("Region where they are, any of the catalogue.")
              .required(),
          field<&PopulationConfig::last_mile>("last_mile")
              .about("Round trip from a user to the edge of their region.")
              .source("typical fixed-line access")
              .between(nanoseconds(0), seconds(5)),
          field<&PopulationConfig::enters>("enters")
              .about("The app that they enter: \"nearest\" by round trip, an app's name, or "
                     "\"latency_dns\": what their name server answers, see dns.")
              .source("nearest"),
          field<&PopulationConfig::sessions>("sessions")
              .about("Sessions that are open all the time.")
              .source("one")
              .between(1, 10'000'000),
          field<&PopulationConfig::home>("home").about(
              "Of several sharded primaries, the one that has the rows of these users' "
              "tenants. Absent: the nearest to \"from\"."),
          field<&PopulationConfig::travelling>("travelling")
              .about("Share of these users who are away from home: their tenants' rows are on "
                     "another primary, any with equal probability.")
              .source("everybody is at home")
              .between(percent(0), percent(100)),
          field<&PopulationConfig::spanning>("spanning")
              .about("Share of calls that are about rows of the user's tenant on another primary: "
                     "a tenant that spans regions.")
              .source("a tenant lives in one region")
              .between(percent(0), percent(100)),
          field<&PopulationConfig::sessions_per_user>("sessions_per_user")
              .about("Sessions (browser, phone) that belong to one user.")
              .source("one")
              .between(1, 1'000),
          field<&PopulationConfig::rate>("rate")
              .about("Open arrivals: pages of the whole population per time, Poisson.")
              .between(EventRate{1}, per_second(10'000'000))
              .one_of("arrivals"),
          field<&PopulationConfig::think>("think")
              .about("Closed arrivals: each session's pause between an answer and its next page.")
              .one_of("arrivals"),
          field<&PopulationConfig::begins>("begins")
              .about("When they begin to ask for pages, from the start of the run.")
              .source("users are there all the time")
              .between(nanoseconds(0), minutes(60 * 24 * 366)),
          field<&PopulationConfig::ends>("ends")
              .about(
                  "When they stop, from the start of the run: pages in progress are answered, no "
                  "page is asked for any more. Absent: at the end of the run.")
              .between(nanoseconds(1), minutes(60 * 24 * 366)),
          field<&PopulationConfig::pages_max>("pages_max")
              .about("Pages that each session asks for before it is done. Absent: no end.")
              .between(1, 1'000'000'000),
          field<&PopulationConfig::throttle_above>("throttle_above")
              .about("A session asks for no page while its app knows of a replica that lags by "
                     "more; it looks again after a probe interval. For batch jobs. Absent: never.")
              .between(nanoseconds(1), minutes(60 * 24)),
          field<&PopulationConfig::in_flight_max>("in_flight_max")
              .about("Pages of one session in progress at once; one more fails as \"overload\".")
              .source("a bound so that memory stays bounded")
              .between(1, 10'000),
          field<&PopulationConfig::pages>("pages")
              .about("What they ask for, by weight.")
              .items(1, 200)
              .required(),
      },
      {"daily", "patience", "retries"});
  return table;
}

}  // namespace longhaul
