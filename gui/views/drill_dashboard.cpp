// What a monitoring shows, and nothing else: samples, late and from where it stands.
#include <imgui.h>

#include <algorithm>

#include "base/units_text.h"
#include "gui/views/drill_view.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/plot_canvas.h"
#include "gui/widgets/theme.h"
#include "run/drill/screen.h"

namespace longhaul {
namespace {

using Seen = NodeSignal::Seen;

struct SeenLook {
  const char* text;
  const char* icon;
  Tint tint;
  float height;  // of its cell in the history
};

SeenLook look_of(Seen seen) {
  switch (seen) {
    case Seen::up:
      return {"up", icon::good, Tint::good, 1.0f};
    case Seen::refused:
      return {"refuses", icon::warning, Tint::warning, 0.5f};
    case Seen::no_data:
      return {"down", icon::error, Tint::bad, 0.2f};
  }
  return {"", "", Tint::text, 0};
}

// When it went up, as the log says.
TimePoint raised_at(const DrillSession& session, const std::string& alarm) {
  TimePoint at = session.now();
  for (const Shown& shown : session.shown()) {
    if (shown.kind == ShownKind::alarm && shown.text == alarm) at = shown.at;
  }
  return at;
}

void draw_alarms(const DrillSession& session) {
  heading("Alarms");
  bool any = false;
  for (const Alarm& alarm : session.alarms()) {
    if (!alarm.raised) continue;
    any = true;
    const std::string text = alarm_text(session.plan(), session.post(), alarm);
    const TimePoint since = raised_at(session, text);
    say(icon::bell, Tint::bad);
    ImGui::SameLine();
    say(text, Tint::bad, Face::strong);
    mark("drill.alarm." + text);
    ImGui::SameLine();
    say("since " + clock_text(since - TimePoint{}) + ", for " +
            drill_time_text(session.now() - since),
        Tint::faint);
    const std::string stays = why_it_stays(session.setup().drill(), alarm);
    if (!stays.empty()) say_wrapped(stays, Tint::faint, Face::small);
  }
  if (!any) say(std::string(icon::good) + "  No alarm is up.", Tint::faint);
  ImGui::Dummy({0, px(8)});
}

// A cell a sample, the newest at the right: its height says the same as its colour.
void draw_history(const DrillSession& session, std::size_t node) {
  const float step = px(6);
  const float height = px(14);
  const auto room =
      static_cast<std::size_t>(std::max(0.0f, ImGui::GetContentRegionAvail().x - px(4)) / step);
  const std::vector<Frame>& frames = session.frames();
  const std::size_t count = std::min(room, frames.size());
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList* list = ImGui::GetWindowDrawList();
  for (std::size_t i = 0; i < count; ++i) {
    const Frame& frame = frames[frames.size() - count + i];
    const SeenLook look = look_of(frame.nodes[node].seen);
    const float x = from.x + static_cast<float>(i) * step;
    const ImVec2 a{x, from.y + height * (1 - look.height)};
    const ImVec2 b{x + step - px(1.5f), from.y + height};
    list->AddRectFilled(a, b, colour(look.tint, 0.85f));
    const ImVec2 top{x, from.y};
    if (ImGui::IsMouseHoveringRect(top, {x + step, from.y + height})) {
      hint(clock_text(frame.taken - TimePoint{}) + "  " + look.text);
    }
  }
  ImGui::Dummy({static_cast<float>(count) * step, height});
}

void draw_servers(const DrillSession& session) {
  const Frame& frame = session.frames().back();
  heading("Servers, as sampled at " + clock_text(frame.taken - TimePoint{}));
  const ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                                ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  const bool wide = ImGui::GetContentRegionAvail().x > px(440);
  if (!ImGui::BeginTable("servers", wide ? 7 : 5, flags)) return;
  if (wide) {
    for (int column = 0; column < 6; ++column) ImGui::TableSetupColumn("");
    ImGui::TableSetupColumn("so far", ImGuiTableColumnFlags_WidthStretch);
    header_row({"server", "region", "probe", "role", "<lag", "<conn.", "so far"});
  } else {
    header_row({"server", "probe", "role", "<lag", "<conn."});
  }
  for (std::size_t i = 0; i < frame.nodes.size(); ++i) {
    const NodeSignal& node = frame.nodes[i];
    const NodeConfig& config = session.plan().nodes[i].config;
    const SeenLook look = look_of(node.seen);
    const bool up = node.seen == Seen::up;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(config.name, Tint::text, Face::strong);
    if (wide) {
      ImGui::TableNextColumn();
      say(config.region, Tint::faint);
    } else if (ImGui::IsItemHovered()) {
      hint(config.region);
    }
    ImGui::TableNextColumn();
    say(std::string(look.icon) + "  " + look.text, look.tint);
    mark_text("drill.server." + config.name, look.text);
    ImGui::TableNextColumn();
    say(!up ? "?" : node.primary ? "primary" : "replica", up ? Tint::text : Tint::faint);
    ImGui::TableNextColumn();
    say_right(up && node.lag_ns >= 0 ? to_short_text(Duration{node.lag_ns}) : "-");
    ImGui::TableNextColumn();
    say_right(up ? std::to_string(node.connections) : "-");
    if (!wide) continue;
    ImGui::TableNextColumn();
    draw_history(session, i);
  }
  ImGui::EndTable();
  ImGui::Dummy({0, px(8)});
}

void draw_users(const DrillSession& session) {
  heading("Users, since the sample before");
  const DrillSignals& signals = session.setup().drill().signals;
  const std::int64_t interval = std::max<std::int64_t>(1, signals.interval.ns / seconds(1).ns);
  const Frame& frame = session.frames().back();
  const ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg |
                                ImGuiTableFlags_BordersInnerH | ImGuiTableFlags_PadOuterX;
  if (!ImGui::BeginTable("users", 5, flags)) return;
  for (int column = 0; column < 4; ++column) ImGui::TableSetupColumn("");
  ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthStretch);
  header_row({"from", "<pages/s", "<failed", "<p95", ""});
  for (std::size_t i = 0; i < frame.users.size(); ++i) {
    const UsersSignal& of = frame.users[i];
    const bool bad = of.failed * 1'000'000 > of.pages * signals.errors_above.ppm;
    const bool none = !of.data || of.pages == 0;
    const std::int64_t tenths = of.pages * 10 / interval;
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    say(session.post().users[i].name, Tint::text, Face::strong);
    ImGui::TableNextColumn();
    say_right(!of.data ? "-" : std::to_string(tenths / 10) + "." + std::to_string(tenths % 10));
    ImGui::TableNextColumn();
    const std::string failed = none ? "-" : std::to_string(of.failed * 100 / of.pages) + "%";
    say_right(failed, bad && !none ? Tint::bad : Tint::text);
    mark_text("drill.failed." + session.post().users[i].name, failed);
    ImGui::TableNextColumn();
    say_right(none ? "-" : to_short_text(Duration{of.p95_ns}));
    ImGui::TableNextColumn();
    if (!of.data) say(std::string(icon::error) + "  no data", Tint::bad);
  }
  ImGui::EndTable();
}

// Of each users' region; a gap where no data came.
std::vector<CanvasLine> user_lines(const DrillSession& session, bool failed) {
  std::vector<CanvasLine> lines;
  for (std::size_t i = 0; i < session.post().users.size(); ++i) {
    CanvasLine line;
    line.name = session.post().users[i].name;
    line.series = i;
    for (const Frame& frame : session.frames()) {
      const UsersSignal& of = frame.users[i];
      PlotSample sample{(frame.taken - TimePoint{}).ns, std::nullopt};
      if (of.data && of.pages > 0) {
        sample.y = failed ? of.failed * 1'000'000 / of.pages : of.p95_ns;
      }
      line.samples.push_back(sample);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// In the room that is left, or so high where a page scrolls.
void draw_plots(const DrillSession& session, std::optional<float> page_height) {
  const DrillSetup& setup = session.setup();
  const DrillSignals& signals = setup.drill().signals;
  const PlotAxis x{"", Quantity::time, setup.begins.ns, setup.ends.ns, false};
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const bool beside = room.x > px(560);
  const float width = beside ? (room.x - px(12)) / 2 : room.x;
  const float left = std::clamp(beside ? room.y : room.y / 2 - px(6), px(150), px(640));
  const float height = page_height.value_or(left);
  for (const bool failed : {true, false}) {
    const std::vector<CanvasLine> lines = user_lines(session, failed);
    const std::int64_t bound = failed ? signals.errors_above.ppm : signals.slow_above.ns;
    PlotAxis y{failed ? "failed pages" : "p95 of pages",
               failed ? Quantity::share : Quantity::duration, 0, failed ? bound * 2 : bound / 4,
               false};
    for (const CanvasLine& line : lines) {
      for (const PlotSample& sample : line.samples) {
        y.to = std::max(y.to, sample.y.value_or(0));
      }
    }
    {
      PlotCanvas plot(failed ? "drill.plot.failed" : "drill.plot.p95", {width, height}, x, y);
      plot.lines(lines);
      if (bound <= y.to) plot.level(bound, "alarm");
    }
    if (failed && beside) ImGui::SameLine(0, px(12));
  }
}

}  // namespace

void draw_drill_signals(const DrillSitting& sitting, std::optional<float> plot_height) {
  const DrillSession& session = *sitting.session();
  draw_alarms(session);
  if (session.frames().empty()) {
    return empty_state("No sample has arrived yet", "The first one is on its way.");
  }
  draw_servers(session);
  draw_users(session);
  ImGui::Dummy({0, px(6)});
  draw_plots(session, plot_height);
}

void draw_drill_dashboard(const DrillSitting& sitting, Area area) {
  if (begin_panel("drill.dashboard", area)) draw_drill_signals(sitting, std::nullopt);
  end_panel();
}

}  // namespace longhaul
