#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace longhaul {

namespace {

// A device or a pipe is written to, not replaced.
bool is_replaced(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  return !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
}

std::string beside_of(const std::string& path) { return path + ".tmp" + std::to_string(getpid()); }

}  // namespace

std::optional<std::string> cannot_write(const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    return path + ": " + std::strerror(EISDIR);
  }
  if (!is_replaced(path)) {
    if (access(path.c_str(), W_OK) == 0) return std::nullopt;
    return path + ": " + std::strerror(errno);
  }
  const std::string beside = beside_of(path);
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return path + ": " + std::strerror(errno);
  std::fclose(file);
  std::remove(beside.c_str());
  return std::nullopt;
}

bool can_write(const char* option, const std::string& path, Terminal& terminal) {
  const std::optional<std::string> wrong = cannot_write(path);
  if (wrong) terminal.error(std::string(option) + " " + *wrong);
  return !wrong;
}

std::optional<std::string> write_file(const std::string& path, std::string_view text) {
  const bool replace = is_replaced(path);
  const std::string beside = replace ? beside_of(path) : path;
  const auto failed = [&](int code) {
    if (replace) std::remove(beside.c_str());
    return path + ": " + std::strerror(code);
  };
  std::FILE* file = std::fopen(beside.c_str(), "wb");
  if (file == nullptr) return path + ": " + std::strerror(errno);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int code = errno;
  if (std::fclose(file) != 0) return failed(errno);
  if (!written) return failed(code);
  if (replace && std::rename(beside.c_str(), path.c_str()) != 0) return failed(errno);
  return std::nullopt;
}

std::optional<std::string> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return path + ": " + error.message();
  if (access(path.c_str(), W_OK | X_OK) != 0) return path + ": " + std::strerror(errno);
  return std::nullopt;
}

}  // namespace longhaul
