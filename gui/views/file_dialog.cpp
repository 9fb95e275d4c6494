#include "gui/views/file_dialog.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "gui/app.h"
#include "gui/model/path_list.h"
#include "gui/widgets/controls.h"
#include "gui/widgets/marks.h"
#include "gui/widgets/theme.h"

namespace longhaul {
namespace {

// What the field's callback needs.
struct Typing {
  const FileDialog::Wish* wish = nullptr;
  int* chosen = nullptr;
  bool* moved = nullptr;
};

int on_typing(ImGuiInputTextCallbackData* data) {
  const Typing& typing = *static_cast<Typing*>(data->UserData);
  const std::string text(data->Buf, static_cast<std::size_t>(data->BufTextLen));
  switch (data->EventFlag) {
    case ImGuiInputTextFlags_CallbackCompletion: {
      const std::string more = completed(list_path(text, typing.wish->ending));
      if (more != text) {
        data->DeleteChars(0, data->BufTextLen);
        data->InsertChars(0, more.c_str());
      }
      break;
    }
    case ImGuiInputTextFlags_CallbackHistory:
      *typing.chosen += data->EventKey == ImGuiKey_DownArrow ? 1 : -1;
      break;
    case ImGuiInputTextFlags_CallbackEdit:
      *typing.chosen = -1;
      break;
    default:
      if (*typing.moved) {
        data->CursorPos = data->SelectionStart = data->SelectionEnd = data->BufTextLen;
        *typing.moved = false;
      }
  }
  return 0;
}

}  // namespace

void FileDialog::ask(Wish wish) {
  wish_ = std::move(wish);
  open_ = fresh_ = focus_ = true;
  moved_ = entered_ = false;
  chosen_ = -1;
  problem_.clear();
  std::snprintf(path_, sizeof path_, "%s", wish_.path.c_str());
}

void FileDialog::put(std::string path) {
  std::snprintf(path_, sizeof path_, "%s", path.c_str());
  focus_ = moved_ = true;
  fresh_ = false;
  chosen_ = -1;
  problem_.clear();
}

bool FileDialog::is_folder(const std::string& path) const {
  std::error_code unknown;
  return std::filesystem::is_directory(with_home(path), unknown);
}

void FileDialog::draw_list(const std::string& typed) {
  // A path that is there as it stands shows the whole of its folder, so that one can go on looking.
  const std::size_t slash = typed.rfind('/');
  const bool whole = fresh_ && !typed.ends_with("/");
  const std::string looked_at = !whole                ? typed
                                : slash == typed.npos ? std::string()
                                                      : typed.substr(0, slash + 1);
  const PathList list = list_path(looked_at, wish_.ending);
  const int count = static_cast<int>(list.entries.size());
  chosen_ = std::clamp(chosen_, -1, count - 1);
  const std::string up = list.folder.empty() ? "../" : list.folder + "../";
  if (ImGui::Selectable((std::string(icon::open) + "  ..").c_str())) {
    std::error_code failed;
    namespace fs = std::filesystem;
    const fs::path above = fs::weakly_canonical(with_home(up), failed);
    put(near_path(failed ? up : above == "/" ? "/" : above.string() + "/"));
  }
  mark("dialog.up");
  for (int i = 0; i < count; ++i) {
    const PathEntry& entry = list.entries[static_cast<std::size_t>(i)];
    const std::string label =
        std::string(entry.is_folder ? icon::open : icon::database) + "  " + entry.name;
    const bool pressed =
        ImGui::Selectable(label.c_str(), i == chosen_, ImGuiSelectableFlags_AllowDoubleClick);
    mark("dialog.entry." + entry.name);
    if (i == chosen_) ImGui::SetScrollHereY();
    if (!pressed) continue;
    const std::string path = list.folder + entry.name;
    put(entry.is_folder ? path + "/" : path);
    fresh_ = !entry.is_folder;  // the list stays as it is
    entered_ = !entry.is_folder && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  }
  if (!list.exists) say("There is no such folder.", Tint::warning);
  if (list.exists && count == 0) {
    say(wish_.ending.empty() ? "No folders." : "No folders, and no *" + wish_.ending + ".",
        Tint::faint);
  }
  if (chosen_ >= 0 && ImGui::IsKeyPressed(GLFW_KEY_ENTER)) {
    const PathEntry& entry = list.entries[static_cast<std::size_t>(chosen_)];
    std::snprintf(path_, sizeof path_, "%s",
                  (list.folder + entry.name + (entry.is_folder ? "/" : "")).c_str());
  }
}

void FileDialog::draw(App& app) {
  if (!open_) return;
  ImGui::OpenPopup("file dialog");
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({size.x / 2, size.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({std::min(size.x * 0.94f, px(680)), std::min(size.y * 0.9f, px(480))});
  if (!ImGui::BeginPopupModal(
          "file dialog", nullptr,
          ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoTitleBar)) {
    return;
  }
  say(wish_.title, Tint::text, Face::title);
  if (focus_) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(-1);
  Typing typing{&wish_, &chosen_, &moved_};
  const ImGuiInputTextFlags flags =
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackCompletion |
      ImGuiInputTextFlags_CallbackHistory | ImGuiInputTextFlags_CallbackEdit |
      ImGuiInputTextFlags_CallbackAlways | ImGuiInputTextFlags_AutoSelectAll;
  const std::string before = path_;
  bool entered =
      ImGui::InputTextWithHint("##path", "a path", path_, sizeof path_, flags, on_typing, &typing);
  mark("dialog.path");
  if (before != path_) {
    fresh_ = false;
    problem_.clear();
  }
  focus_ = false;
  say("Tab completes, the arrows choose, Enter goes on", Tint::faint, Face::small);
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const float below =
      ImGui::GetFrameHeightWithSpacing() + px(6) +
      (problem_.empty()
           ? 0
           : std::min(4.0f, 1.0f + std::count(problem_.begin(), problem_.end(), '\n') + 1.0f) *
                 line);
  const float height = std::max(line * 3, ImGui::GetContentRegionAvail().y - below - px(8));
  ImGui::PushStyleColor(ImGuiCol_ChildBg, colour(Tint::ground));
  ImGui::BeginChild("list", {0, height}, true, ImGuiWindowFlags_AlwaysUseWindowPadding);
  draw_list(path_);
  ImGui::EndChild();
  ImGui::PopStyleColor();
  if (!problem_.empty()) {
    ImGui::BeginChild("problem", {0, below - ImGui::GetFrameHeightWithSpacing() - px(6)});
    say_wrapped(problem_, Tint::bad);
    mark_text("dialog.problem", problem_);
    ImGui::EndChild();
  }
  entered = entered || std::exchange(entered_, false);
  const bool agreed =
      tool_button("dialog.ok", "", wish_.agree.c_str(), "Enter", path_[0] != '\0', true);
  ImGui::SameLine();
  const bool refused =
      tool_button("dialog.cancel", "", "Cancel", "Escape") || ImGui::IsKeyPressed(GLFW_KEY_ESCAPE);
  std::string path = with_home(path_);
  const bool goes_on = (agreed || entered) && !path.empty();
  if (goes_on && !wish_.ending.empty() && is_folder(path)) {
    put(path.ends_with("/") ? path : path + "/");
  } else if (goes_on) {
    problem_ = wish_.then(app, path);
    focus_ = moved_ = !problem_.empty();
    open_ = !problem_.empty();
  }
  if (refused) open_ = false;
  if (!open_) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

}  // namespace longhaul
