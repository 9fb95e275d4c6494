// Long work beside the frame loop: one task at a time, with progress, that can be cancelled.
//
//   Background<CompareReport> task;
//   task.start([&](BackgroundControl& control) { ...; return report; }, wake);
//   if (auto report = task.result()) ...
//
// The work runs on a thread of its own and looks at control.cancelled() now and then; it takes all
// that it needs by value. Starting anew cancels what runs, and waits for it to notice.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace longhaul {

class BackgroundControl {
 public:
  bool cancelled() const { return cancelled_; }
  void progress(std::uint64_t done, std::uint64_t whole) {
    done_ = done;
    whole_ = whole;
  }

 private:
  template <class T>
  friend class Background;
  std::atomic<bool> cancelled_ = false;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> whole_ = 0;
};

template <class T>
class Background {
 public:
  using Work = std::function<std::optional<T>(BackgroundControl&)>;

  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { cancel(); }

  // `wake` is called on the thread when the work is over.
  void start(Work work, std::function<void()> wake = {}) {
    cancel();
    control_ = std::make_unique<BackgroundControl>();
    running_ = true;
    thread_ = std::thread([this, work = std::move(work), wake = std::move(wake)] {
      std::optional<T> made = work(*control_);
      {
        const std::lock_guard lock(mutex_);
        if (made && !control_->cancelled()) {
          result_ = std::make_shared<const T>(std::move(*made));
        }
      }
      running_ = false;
      if (wake) wake();
    });
  }

  void cancel() {
    if (control_) control_->cancelled_ = true;
    if (thread_.joinable()) thread_.join();
  }

  // Asks it to stop, and does not wait.
  void request_cancel() {
    if (control_) control_->cancelled_ = true;
  }

  bool running() const { return running_; }
  std::uint64_t done() const { return control_ ? control_->done_.load() : 0; }
  std::uint64_t whole() const { return control_ ? control_->whole_.load() : 0; }

  // Of the last work that came to its end.
  std::shared_ptr<const T> result() const {
    const std::lock_guard lock(mutex_);
    return result_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    result_.reset();
  }

 private:
  std::unique_ptr<BackgroundControl> control_;
  std::atomic<bool> running_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const T> result_;
  std::thread thread_;
};

}  // namespace longhaul
