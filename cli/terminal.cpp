#include "cli/terminal.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace longhaul {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::strcmp(term, "dumb") == 0;
}

}  // namespace

Terminal::Terminal() {
  std::signal(SIGPIPE, SIG_IGN);
  out_colour_ = isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") && !is_dumb();
  err_terminal_ = isatty(STDERR_FILENO) == 1 && !is_dumb();
  show_progress_ = err_terminal_ && !is_set("CI");
  auto logger = std::make_shared<spdlog::logger>("longhaul",
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%n: %v");
  logger->set_level(show_progress_ ? spdlog::level::info : spdlog::level::warn);
  spdlog::set_default_logger(logger);
}

void Terminal::set_quiet(bool quiet) {
  if (!quiet) return;
  show_progress_ = false;
  spdlog::set_level(spdlog::level::err);
}

void Terminal::set_verbose(bool verbose) {
  if (verbose) spdlog::set_level(spdlog::level::info);
}

void Terminal::out(std::string_view text) {
  if (out_failed_) return;
  clear_progress();
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  out_failed_ = true;
  out_closed_ = errno == EPIPE;
  out_error_ = errno;
}

bool Terminal::finish() {
  clear_progress();
  if (!out_failed_ && std::fflush(stdout) == 0) return true;
  if (out_closed_ || errno == EPIPE) return true;
  error(std::string("standard output: ") + std::strerror(out_failed_ ? out_error_ : errno));
  return false;
}

void Terminal::error(std::string_view line) {
  clear_progress();
  std::fprintf(stderr, "longhaul: %.*s\n", static_cast<int>(line.size()), line.data());
}

void Terminal::raw_error(std::string_view text) {
  clear_progress();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Terminal::log(const std::string& line) {
  clear_progress();
  spdlog::info("{}", line);
}

void Terminal::progress(std::string_view line) {
  const auto now = std::chrono::steady_clock::now();
  if (!show_progress_ || now - progress_at_ < std::chrono::milliseconds(100)) return;
  progress_at_ = now;
  progress_shown_ = true;
  std::fprintf(stderr, "\r%.*s\x1b[K", static_cast<int>(line.size()), line.data());
  std::fflush(stderr);
}

void Terminal::clear_progress() {
  if (!progress_shown_) return;
  progress_shown_ = false;
  std::fputs("\r\x1b[K", stderr);
}

}  // namespace longhaul
