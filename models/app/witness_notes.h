// What a watched page did, as its witness noted it. models/app/witness.h says who notes what.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/app/page_parts.h"
#include "models/app/state.h"
#include "models/data.h"
#include "models/measures.h"
#include "policy/freshness.h"
#include "policy/lag_breaker.h"
#include "policy/retry.h"

namespace longhaul {

enum class NoteKind : std::uint8_t {
  part,          // from now on the page's time goes to `part`
  decision,      // the router has spoken; decisions[detail]
  position,      // a replica has said how far it is; positions[detail]
  read,          // what a read missed; reads[detail]
  unheard,       // nothing acknowledges what was sent: TCP gives up at `until`
  failed,        // the statement came to nothing: `error`
  retry,         // what becomes of it: `retry`, after `until`
  acknowledged,  // the app knows that its write is committed
};

struct Note {
  TimePoint at;
  NoteKind kind = NoteKind::part;
  PagePart part = PagePart::user;
  Phase phase = Phase::free;
  bool sets_out = false;  // a leg: to the database, else back
  ErrorKind error = ErrorKind::timeout;
  RetryReason retry = RetryReason::try_again;
  std::uint32_t call = 0;     // in Plan::calls
  std::uint32_t step = 0;     // in Plan::steps
  std::uint32_t ordinal = 0;  // of the statement in its page
  std::uint32_t tries = 0;    // that have failed before
  NodeId node;                // that the statement goes to, or went to last
  bool down = false;          // in truth that one is not up
  Duration expected{-1};      // a message: what its way takes at least; below zero: it is none
  TimePoint until = TimePoint::never();
  std::uint32_t detail = 0;
};

// One database as a router knew it when it decided, and as it was.
struct Sight {
  NodeId node;
  std::uint32_t place = 0;  // in the order of preference, from 1; 0: it has none
  bool is_primary = false;  // for the router
  Duration round_trip;      // that the order goes by
  std::optional<Observation> seen;
  BreakerState breaker = BreakerState::open;
  Reason breaker_reason = Reason::not_observed;
  bool admits = false;    // the breaker
  bool rejected = false;  // by the call breaker
  bool ejected = false;
  std::optional<Coverage> covers;  // the token, if that matters to a read

  bool truly_up = false;
  bool truly_primary = false;
  // Of replay, behind what the shard's newest primary has flushed. Absent: of a primary; of a
  // standby that has no data or follows nobody; the bytes also of one on another branch.
  std::optional<Duration> true_lag;
  std::optional<Bytes> true_missing;
};

struct DecisionNote {
  StatementClass statement = StatementClass::read;
  Decision decision;
  NodeId node;  // that it names, or none
  SessionToken token;
  bool token_unknown = false;
  std::vector<Sight> sights;
};

struct PositionNote {
  NodeId node;
  std::uint32_t timeline = 0;
  Lsn position;
  Lsn required;
  WaitVerdict verdict = WaitVerdict::serve;
};

struct ReadNote {
  std::uint32_t served_by = 0;  // one of the values of the label
  RowVerdict verdict;
  TimePoint wanted;          // the read was sent then, as far as promises go
  Lsn shown;                 // a database: up to where it shows the log
  std::uint64_t row = 0;     // of the largest staleness, or the first
  std::uint32_t missed = 0;  // versions of it that were acknowledged by then
  Lsn missed_end;            // the oldest of them
  TimePoint missed_acknowledged;
  bool missed_own = false;  // written by the same user
};

struct WitnessedPage {
  bool watched = false;
  bool left_behind = false;  // the server's side of a statement that its app has given up
  Duty duty = Duty::page;
  SessionId session;
  std::uint64_t number = 0;
  std::uint32_t page = 0;  // in Plan::pages
  InstanceId instance;
  TimePoint clicked;
  TimePoint ended = TimePoint::never();
  bool failed = false;
  ErrorKind error = ErrorKind::timeout;
  bool committed = false;  // left_behind: the server has, all the same
  bool from_edge = false;
  std::uint32_t retries = 0;
  RowVerdict worst;  // of its reads

  // Unless the witness keeps summaries only.
  std::vector<Note> notes;
  std::vector<DecisionNote> decisions;
  std::vector<PositionNote> positions;
  std::vector<ReadNote> reads;
};

// Off unless somebody watches.
struct Witness {
  bool on = false;
  bool notes = true;                       // else summaries only
  SessionId session;                       // none: all
  std::optional<std::uint64_t> number;     // of its pages; absent: all
  TimePoint from;                          // clicked no earlier,
  TimePoint until = TimePoint::never();    // and before this
  std::uint64_t left = ~std::uint64_t{0};  // pages that may still be taken up
  std::vector<WitnessedPage> by_slot;      // in progress, by request; may be shorter
  std::vector<WitnessedPage> ended;        // whoever watches takes them out
};

}  // namespace longhaul
