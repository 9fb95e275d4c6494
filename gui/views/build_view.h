// Draw a system: regions on a map, an inspector made of the field tables, what is wrong with it.
//
// Left what is there (the outline) and what could be (the catalogue of regions), in the middle the
// map, right the inspector of what is selected, below what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gui/model/design_edits.h"
#include "gui/widgets/area.h"
#include "gui/widgets/field_editor.h"
#include "gui/widgets/map_canvas.h"

namespace longhaul {

struct App;

class BuildView {
 public:
  using Addition = EditAnswer (*)(Document&, const std::string&);

  void draw(App& app, Area area);
  // In the region that is picked; else as soon as one is.
  void ask_to_add(App& app, Addition what);

 private:
  // A region as the catalogue offers it.
  struct Offer {
    std::size_t region = 0;   // in the catalogue
    std::int64_t rtt_us = 0;  // to the primary
    bool estimate = false;
    std::string words;  // what a search looks at
  };
  struct Problem {
    bool wrong = false;  // else a warning, or an estimate
    std::string path;
    std::string text;
  };

  void refresh(App& app);
  void draw_left(App& app, Area area);
  void draw_outline(App& app);
  void draw_catalogue(App& app);
  void draw_canvas(App& app, Area area);
  void draw_menu(App& app);
  void draw_mistakes(App& app, Area& area);
  void draw_inspector(App& app, Area area);
  void draw_actions(App& app);
  void draw_problems(App& app, Area area);
  void outline_row(App& app, const std::string& path, const char* sign, const std::string& text);
  void outline_list(App& app, const char* title, const std::string& path, const char* sign);

  // Does it and says what came of it.
  void take(App& app, const EditAnswer& answer);
  void add(App& app, Addition what, const std::string& region);
  void add_what_was_asked(App& app);
  std::string shown_by(const std::string& path) const;
  bool has_problem(const std::string& path, bool& wrong) const;

  MapState map_;
  FieldEditor editor_;
  float left_ = 264;
  float right_ = 330;
  float offers_height_ = 300;
  bool shows_offers_ = false;  // where there is room for one list only
  char search_[64] = {};
  std::size_t provider_ = 0;  // 0: all
  std::string region_;        // picked in the catalogue or on the map
  Addition asked_ = nullptr;  // by a command
  bool finds_ = false;        // the keyboard goes to the catalogue's search
  std::string menu_region_;
  std::string menu_path_;

  // Of this text.
  const void* shown_design_ = nullptr;
  std::uint64_t shown_revision_ = 0;
  std::shared_ptr<const Scenario> shown_scenario_;
  MapContent content_;
  std::vector<Offer> offers_;
  std::vector<Problem> problems_;
};

}  // namespace longhaul
