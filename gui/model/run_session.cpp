#include "gui/model/run_session.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "run/request_id.h"

namespace longhaul {
namespace {

using WallClock = std::chrono::steady_clock;

constexpr std::int64_t copies_max = 24;  // a seek then repeats a 24th of the run at most
constexpr std::size_t copies_bytes_max = std::size_t{512} << 20;
constexpr auto news_every = std::chrono::milliseconds(250);

std::int64_t microseconds_since(WallClock::time_point began) {
  return std::chrono::duration_cast<std::chrono::microseconds>(WallClock::now() - began).count();
}

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

// What is wanted of the worker. Of each kind only the newest counts.
struct RunSession::Order {
  struct Start {
    std::shared_ptr<const Scenario> scenario;
    std::uint64_t seed = 1;
    std::uint64_t number = 0;
  };
  std::optional<Start> start;
  std::optional<TimePoint> instant;
  std::optional<std::uint64_t> event;
  std::optional<std::pair<TimePoint, TimePoint>> range;
  std::optional<FindOptions> find;
  std::optional<std::string> follow;
  bool any() const { return start || instant || event || range || find || follow; }
};

// What the worker keeps of the run.
struct RunSession::Kept {
  std::shared_ptr<const Scenario> scenario;
  std::uint64_t seed = 1;
  std::uint64_t number = 0;
  std::vector<Cluster> copies;  // in the order of time; the first at the beginning
  std::int64_t copies_most = 0;
  Duration copies_apart;
  std::optional<Cluster> cursor;
  std::optional<EventKind> last_kind;  // that the cursor has executed
};

RunSession::RunSession(std::function<void()> wake)
    : wake_(std::move(wake)),
      order_(std::make_unique<Order>()),
      kept_(std::make_unique<Kept>()),
      thread_([this] { work(); }) {}

RunSession::~RunSession() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    stop_ = true;
    hurry_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// ---- The owner's side --------------------------------------------------------------------------

void RunSession::start(std::shared_ptr<const Scenario> scenario, std::uint64_t seed) {
  {
    const std::lock_guard lock(mutex_);
    *order_ = {};
    order_->start = Order::Start{std::move(scenario), seed, ++starts_};
    stop_ = true;
    running_ = true;
    range_.reset();
    found_.reset();
    followed_.reset();
  }
  changed_.notify_all();
}

void RunSession::cancel() {
  const std::lock_guard lock(mutex_);
  order_->start.reset();
  stop_ = true;
  running_ = false;
}

std::uint64_t RunSession::started() const {
  const std::lock_guard lock(mutex_);
  return starts_;
}

bool RunSession::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

bool RunSession::working() const {
  const std::lock_guard lock(mutex_);
  return busy_ || order_->any();
}

std::shared_ptr<const RunView> RunSession::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

std::shared_ptr<const Scene> RunSession::scene() const {
  const std::lock_guard lock(mutex_);
  return scene_;
}

std::shared_ptr<const RangeFigures> RunSession::range() const {
  const std::lock_guard lock(mutex_);
  return range_;
}

std::shared_ptr<const FoundRequests> RunSession::found() const {
  const std::lock_guard lock(mutex_);
  return found_;
}

std::shared_ptr<const Explanation> RunSession::followed() const {
  const std::lock_guard lock(mutex_);
  return followed_;
}

template <class Change>
void RunSession::ask(Change change) {
  {
    const std::lock_guard lock(mutex_);
    change(*order_);
    hurry_ = true;
  }
  changed_.notify_all();
}

void RunSession::seek(TimePoint instant) {
  ask([&](Order& order) {
    order.instant = instant;
    order.event.reset();
  });
}

void RunSession::seek_event(std::uint64_t n) {
  ask([&](Order& order) {
    order.event = n;
    order.instant.reset();
  });
}

void RunSession::measure(TimePoint from, TimePoint to) {
  ask([&](Order& order) { order.range = std::pair{from, to}; });
}

void RunSession::find(const FindOptions& options) {
  ask([&](Order& order) { order.find = options; });
}

void RunSession::follow(const std::string& request) {
  ask([&](Order& order) { order.follow = request; });
}

// ---- The worker's side -------------------------------------------------------------------------

template <class T>
void RunSession::hand_out(std::shared_ptr<const T>& place, T value) {
  auto made = std::make_shared<const T>(std::move(value));
  {
    const std::lock_guard lock(mutex_);
    if (order_->start) return;  // of a run that nobody wants any more
    place = std::move(made);
  }
  if (wake_) wake_();
}

void RunSession::work() {
  while (true) {
    Order order;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ends_ || order_->any(); });
      if (ends_) return;
      order = std::exchange(*order_, {});
      busy_ = true;
      hurry_ = false;
      stop_ = false;  // what was stopped is over
    }
    if (order.start) simulate(order);
    answer(order);
    {
      const std::lock_guard lock(mutex_);
      busy_ = false;
    }
    if (wake_) wake_();
  }
}

void RunSession::simulate(const Order& order) {
  const auto began = WallClock::now();
  *kept_ = {};
  kept_->scenario = order.start->scenario;
  kept_->seed = order.start->seed;
  kept_->number = order.start->number;
  const Scenario& scenario = *kept_->scenario;
  SeriesSampler sampler(scenario);
  RunOptions options;
  options.sampler = &sampler;

  Cluster cluster = build_run(scenario, kept_->seed, options);
  const std::size_t before = heap_bytes();
  kept_->copies.push_back(cluster);
  const std::size_t after = heap_bytes();
  const std::size_t bytes = after > before ? after - before : std::size_t{1} << 20;
  kept_->copies_most = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(copies_bytes_max / (2 * bytes)), 4, copies_max);
  const Duration whole = cluster.end() - TimePoint{};
  kept_->copies_apart = Duration{std::max<std::int64_t>(1, whole.ns / kept_->copies_most)};
  const Duration slice{std::max<std::int64_t>(1, kept_->copies_apart.ns / 4)};

  RunView view;
  view.scenario = kept_->scenario;
  view.seed = kept_->seed;
  view.number = kept_->number;
  view.end = cluster.end();
  auto told = began;
  TimePoint reached;
  while (reached < cluster.end()) {
    if (stop_) return;
    if (hurry_) {
      Order side;
      {
        const std::lock_guard lock(mutex_);
        side = std::exchange(*order_, {});
        order_->start = std::exchange(side.start, std::nullopt);
        order_->find = std::exchange(side.find, std::nullopt);
        order_->follow = std::exchange(side.follow, std::nullopt);
        hurry_ = false;
      }
      answer(side);
    }
    const TimePoint until = std::min(cluster.end(), reached + slice);
    if (!advance(cluster, until, options)) break;
    reached = until;
    const TimePoint next_copy =
        TimePoint{} + kept_->copies_apart * static_cast<std::int64_t>(kept_->copies.size());
    if (reached >= next_copy && reached < cluster.end()) kept_->copies.push_back(cluster);
    if (WallClock::now() - told > news_every) {
      told = WallClock::now();
      view.reached = reached;
      SeriesSampler so_far = sampler;
      view.series = so_far.take({});
      hand_out(view_, view);
    }
  }
  if (stop_) return;
  view.orders = outcomes_of(scenario.cluster.faults, cluster.world());
  view.result = finish_run(std::move(cluster), scenario, options);
  view.series = sampler.take(*view.result);
  view.report = make_report(scenario, *view.result);
  view.cost = monthly_cost(scenario, view.result->figures);
  view.reached = view.end;
  view.took_us = microseconds_since(began);
  hand_out(view_, std::move(view));
  const std::lock_guard lock(mutex_);
  if (!order_->start) running_ = false;
}

// The last copy before that instant, and before that event; the beginning if there is none.
Cluster RunSession::from_copy_before(TimePoint instant, std::uint64_t event) const {
  const Cluster* best = &kept_->copies.front();
  for (const Cluster& copy : kept_->copies) {
    const Scheduler& scheduler = copy.world().scheduler;
    if (scheduler.now() < instant && scheduler.events() < event) best = &copy;
  }
  return *best;
}

void RunSession::answer(const Order& order) {
  if (kept_->copies.empty()) return;
  if (order.instant || order.event) move_cursor(order);
  if (order.range) measure_range(order.range->first, order.range->second);
  const auto go_on = [this](TimePoint) { return !stop_; };
  if (order.find) {
    FindOptions options = *order.find;
    options.go_on = go_on;
    FoundRequests found = find_requests(kept_->copies.front(), options);
    if (!found.interrupted) hand_out(found_, std::move(found));
  }
  if (order.follow) {
    Cluster cluster = kept_->copies.front();
    const auto plan = cluster.world().plan;
    const Result<RequestName> name = parse_request(*plan, *order.follow);
    ExplainOptions options;
    options.go_on = go_on;
    const WatchedRequest watched =
        name ? watch_request(cluster, name.value(), options) : WatchedRequest{};
    if (watched.interrupted) return;
    Explanation told;
    if (!watched.pages.empty()) told = explain(*plan, kept_->scenario->config.name, watched);
    told.id = *order.follow;  // as it was asked for
    hand_out(followed_, std::move(told));
  }
}

namespace {

class LastEvent : public EventObserver {
 public:
  explicit LastEvent(std::optional<EventKind>& kind) : kind_(kind) {}
  void before(const World&, const Event& event) override {
    kind_ = static_cast<EventKind>(event.kind);
  }

 private:
  std::optional<EventKind>& kind_;
};

}  // namespace

void RunSession::move_cursor(const Order& order) {
  const TimePoint instant = order.instant.value_or(TimePoint::never());
  const std::uint64_t event = order.event.value_or(~std::uint64_t{0});
  const Scheduler* at = kept_->cursor ? &kept_->cursor->world().scheduler : nullptr;
  const bool behind = at != nullptr && (at->now() > instant || at->events() > event);
  // From where the cursor stands, unless a copy is nearer.
  const bool far = at != nullptr && order.instant && instant - at->now() > kept_->copies_apart;
  if (at == nullptr || behind || far) {
    kept_->cursor = from_copy_before(instant, event);
    kept_->last_kind.reset();
  }
  Cluster& cursor = *kept_->cursor;
  LastEvent last(kept_->last_kind);
  if (order.instant) {
    const TimePoint limit = std::min(instant, cursor.end());
    // In slices, so that a newer wish need not wait.
    while (true) {
      const TimePoint next = cursor.world().scheduler.next_time();
      if (next > limit) break;
      if (stop_) return;
      const TimePoint until = std::min(limit, next + kept_->copies_apart);
      if (!cursor.run_until(until, &last)) break;
    }
  } else {
    World& world = cursor.world();
    Event next;
    while (!stop_ && world.scheduler.events() < event &&
           world.scheduler.pop_until(cursor.end(), next)) {
      last.before(world, next);
      execute(world, next);
    }
  }
  Scene scene = scene_of(cursor.world());
  if (order.instant) scene.now = std::min(instant, cursor.end());
  if (kept_->last_kind) scene.last_event = to_text(*kept_->last_kind);
  hand_out(scene_, std::move(scene));
}

void RunSession::measure_range(TimePoint from, TimePoint to) {
  const auto histograms = [&](TimePoint instant) {
    Cluster cluster = from_copy_before(instant, ~std::uint64_t{0});
    cluster.run_until(std::min(instant, cluster.end()));
    return range_counts(cluster.world());
  };
  RangeFigures figures = figures_between(histograms(from), histograms(to));
  figures.number = kept_->number;
  figures.from = from;
  figures.to = to;
  hand_out(range_, std::move(figures));
}

}  // namespace longhaul
