// A small configuration with one field of every kind, for the tests of what walks field tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"

namespace longhaul {
namespace sample {

enum class Role { primary, replica, witness };
enum class Rule { primary_only, wait_for_token, stick };

}  // namespace sample

template <>
inline const EnumNames& enum_names<sample::Role>() {
  static const EnumNames names{{"primary", "replica", "witness"},
                               {"Takes writes.", "Follows another node.", "Only votes."}};
  return names;
}

template <>
inline const EnumNames& enum_names<sample::Rule>() {
  static const EnumNames names{{"primary_only", "wait_for_token", "stick"}, {}};
  return names;
}

namespace sample {

struct Pool {
  std::int32_t size = 20;
  Duration wait = milliseconds(250);

  static const FieldTable& fields() {
    static const FieldTable table = field_table<Pool>(
        "pool", {field<&Pool::size>("size").about("Connections of one instance.").between(1, 1000),
                 field<&Pool::wait>("wait")
                     .about("How long a request waits for a connection before it gives up.")
                     .source("a guess for tests")
                     .between(milliseconds(1), seconds(60))});
    return table;
  }
  friend bool operator==(const Pool&, const Pool&) = default;
};

struct Node {
  std::string name;
  Role role = Role::replica;
  std::optional<std::string> follows;
  Pool pool;

  static const FieldTable& fields() {
    static const FieldTable table =
        field_table<Node>("node", {field<&Node::name>("name").about("Name of the node.").required(),
                                   field<&Node::role>("role").about("What it does.").required(),
                                   field<&Node::follows>("follows")
                                       .about("Where its WAL comes from.")
                                       .only_when("role", Role::replica),
                                   field<&Node::pool>("pool").about("Its connections.")});
    return table;
  }
  friend bool operator==(const Node&, const Node&) = default;
};

struct Call {
  std::optional<std::string> read;
  std::optional<std::string> write;
  std::uint8_t times = 1;

  static const FieldTable& fields() {
    static const FieldTable table = field_table<Call>(
        "call", {field<&Call::read>("read").about("Set of rows to read.").one_of("statement"),
                 field<&Call::write>("write").about("Set of rows to write.").one_of("statement"),
                 field<&Call::times>("times").about("How often, one after the other.")});
    return table;
  }
  friend bool operator==(const Call&, const Call&) = default;
};

struct Freshness {
  Rule rule = Rule::primary_only;
  Duration wait = milliseconds(50);
  Duration pin = seconds(5);

  static const FieldTable& fields() {
    static const FieldTable table = field_table<Freshness>(
        "freshness rule", {field<&Freshness::rule>("rule").about("How users see their own writes."),
                           field<&Freshness::wait>("wait")
                               .about("Longest wait for a replica.")
                               .only_when("rule", Rule::wait_for_token),
                           field<&Freshness::pin>("pin")
                               .about("Time at the primary.")
                               .required()
                               .only_when("rule", Rule::stick)});
    return table;
  }
  friend bool operator==(const Freshness&, const Freshness&) = default;
};

struct Config {
  std::string purpose = "none";
  std::vector<std::string> regions{"here"};
  std::vector<Node> nodes;
  std::vector<Call> calls;
  std::vector<Duration> delays;
  std::vector<std::string> ends;
  Freshness freshness;
  bool enabled = true;
  Ratio loss;
  Bytes message = kibibytes(128);
  std::optional<ByteRate> bandwidth;
  TextLists expect;

  static const FieldTable& fields() {
    static const FieldTable table = field_table<Config>(
        "sample",
        {field<&Config::purpose>("purpose").about("One sentence."),
         field<&Config::regions>("regions").about("Where things stand.").items(1, 3),
         field<&Config::nodes>("nodes").about("The servers.").required(),
         field<&Config::calls>("calls").about("What a page does."),
         field<&Config::delays>("delays").about("Pauses.").between(Duration{0}, seconds(10)),
         field<&Config::ends>("ends").about("Two ends of a cut, if any.").items(2, 2),
         field<&Config::freshness>("freshness").about("Own writes."),
         field<&Config::enabled>("enabled").about("Whether anything happens."),
         field<&Config::loss>("loss").about("Share of messages lost."),
         field<&Config::message>("message")
             .about("Most that one message carries.")
             .source("PostgreSQL walsender.c, MAX_SEND_SIZE")
             .between(Bytes{1024}, Bytes{1 << 24}),
         field<&Config::bandwidth>("bandwidth").about("Of the link; unlimited when absent."),
         field<&Config::expect>("expect").about("Expressions by metric.")});
    return table;
  }
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace sample
}  // namespace longhaul
