// Messages between the members of a lease store, the disks that they wait for and the connections
// that they take.
//
// Between two members messages take one connection each way. What a cut swallows is gone, and so is
// what is sent before the connection works again: at the next of TCP's retransmissions, which
// double, and after 5 s, when etcd gives the connection up, at the next attempt to open another,
// every 1.05 s. If only acknowledgements are swallowed the sender stops after 10 segments.
//
// Source: etcd server/etcdserver/api/rafthttp (ConnReadTimeout, DialTimeout).
#pragma once

#include "models/world.h"

namespace longhaul {

// Takes a slot for a message, to be filled and given to send_mail().
std::uint32_t new_mail(World& world, std::uint32_t from, std::uint32_t to, RaftVerb verb);
void send_mail(World& world, std::uint32_t slot);
void free_mail(World& world, std::uint32_t slot);

// Something durable changed: what is not on disk is on its way there.
void save(World& world, std::uint32_t member);

// Sends when all that the message rests on is on disk.
void say(World& world, std::uint32_t slot);

// The process is gone, and with it what was not on disk.
void forget_unsaved(World& world, std::uint32_t member);

// What the leader sends takes the place of what differs.
void add_entries(StoreMember& member, const RaftMail& mail);

// The latest entry that may be the same as the leader's.
std::uint64_t hint(const StoreMember& member, const RaftMail& mail);

// A cut swallowed something: when will the connection be tried again?
void note_broken(World& world, std::uint32_t from, std::uint32_t to);

// A message that TCP gave up.
void mail_lost(World& world, const Event& event);

}  // namespace longhaul
