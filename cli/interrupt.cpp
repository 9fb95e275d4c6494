#include "cli/interrupt.h"

#include <csignal>

namespace longhaul {
namespace {

// A signal handler has nowhere else to leave its news.
volatile std::sig_atomic_t was_interrupted = 0;

void on_interrupt(int signal) {
  was_interrupted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interrupt() { std::signal(SIGINT, on_interrupt); }

bool interrupted() { return was_interrupted != 0; }

}  // namespace longhaul
