#include "gui/model/document.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "run/json_edit.h"

namespace longhaul {
namespace {

constexpr std::size_t steps_max = 500;

// Written beside it first, so that a full disk or a crash leaves the file as it was.
std::optional<Error> write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code failed;
  if (stream) std::filesystem::rename(beside, path, failed);
  if (stream && !failed) return std::nullopt;
  Error error;
  error.file = path;
  error.value = failed ? failed.message() : std::string(std::strerror(errno));
  error.expected = "a file to write";
  std::filesystem::remove(beside, failed);
  return error;
}

}  // namespace

Result<Document> Document::open(const std::string& path) {
  Result<std::string> text = read_text_file(path);
  if (!text) return text.errors();
  Document document = from_text(path, std::move(text).value());
  if (!document.sound()) return document.errors();
  document.has_file_ = true;
  document.saved_ = document.text_;
  return document;
}

Document Document::from_text(std::string path, std::string text) {
  Document document;
  document.path_ = std::move(path);
  document.text_ = std::move(text);
  document.revision_ = 1;
  document.load();
  return document;
}

std::string Document::title() const { return std::filesystem::path(path_).filename().string(); }

void Document::load_below() {
  below_ = nullptr;
  const auto layer = parse_json(path_, text_);
  const JsonNode* extends = layer ? layer.value().root.find("extends") : nullptr;
  if (extends == nullptr) return;
  const auto lower = std::filesystem::path(path_).parent_path() / extends->text;
  auto below = read_layers(lower.string(), ScenarioConfig::fields());
  if (below) below_ = std::make_shared<const JsonNode>(std::move(below).value().root);
}

void Document::load() {
  load_below();
  const ReadText read = [this](const std::string& path) -> Result<std::string> {
    if (path == path_) return text_;
    return read_text_file(path);
  };
  Result<Scenario> loaded = load_scenario(path_, {}, read);
  if (loaded) {
    scenario_ = std::make_shared<const Scenario>(std::move(loaded).value());
    errors_.clear();
  } else {
    errors_ = loaded.errors();
  }
}

void Document::take(std::string text, std::string_view together) {
  if (text == text_) return;
  const bool goes_on = !together.empty() && together == together_;
  if (!goes_on && !step_) {
    undo_.push_back(text_);
    if (undo_.size() > steps_max) undo_.erase(undo_.begin());
  }
  redo_.clear();
  together_ = together;
  text_ = std::move(text);
  revision_ += 1;
  if (!step_) load();
}

std::optional<Error> Document::set(std::string_view path, std::string_view json,
                                   std::string_view together) {
  Result<std::string> text = with_value(text_, ScenarioConfig::fields(), path, json, below_.get());
  if (!text) return text.errors().front();
  take(std::move(text).value(), together);
  return std::nullopt;
}

std::optional<Error> Document::append(std::string_view list, std::string_view json) {
  Result<std::string> text =
      with_element(text_, ScenarioConfig::fields(), list, json, below_.get());
  if (!text) return text.errors().front();
  take(std::move(text).value(), {});
  return std::nullopt;
}

std::optional<Error> Document::remove(std::string_view path) {
  Result<std::string> text = without(text_, ScenarioConfig::fields(), path);
  if (!text) return text.errors().front();
  take(std::move(text).value(), {});
  return std::nullopt;
}

void Document::replace_text(std::string text, std::string_view together) {
  take(std::move(text), together);
}

void Document::begin_step() {
  if (!step_) step_ = text_;
}

void Document::end_step() {
  if (!step_) return;
  const std::string before = *std::exchange(step_, std::nullopt);
  together_.clear();
  if (before == text_) return;
  undo_.push_back(before);
  load();
}

void Document::undo() {
  if (undo_.empty()) return;
  redo_.push_back(std::exchange(text_, std::move(undo_.back())));
  undo_.pop_back();
  together_.clear();
  revision_ += 1;
  load();
}

void Document::redo() {
  if (redo_.empty()) return;
  undo_.push_back(std::exchange(text_, std::move(redo_.back())));
  redo_.pop_back();
  together_.clear();
  revision_ += 1;
  load();
}

std::optional<Error> Document::save() { return save_as(path_); }

std::optional<Error> Document::save_as(const std::string& path) {
  if (auto error = write_file(path, text_)) return error;
  const bool moved = path != path_;
  path_ = path;
  saved_ = text_;
  has_file_ = true;
  if (moved) load();
  return std::nullopt;
}

}  // namespace longhaul
