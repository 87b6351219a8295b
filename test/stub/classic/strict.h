// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a real host crashes or leaks, this one says why, and aborts.
#pragma once

namespace stub {

// "stub: …" on standard error, then abort().
[[noreturn]] void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The calling OS thread is the one that Pth runs on.
void remember_thread();

// Each function of the host begins with this: aborts on any other OS thread.
void enter(const char *function);

// What freed memory is filled with, as a pointer: whoever reads a pointer there can be told.
bool is_of_freed_memory(const void *pointer);
inline constexpr unsigned char freed_byte = 0xDB;

// Aborts if an OS thread beside ours would take one of the host's signals.
void check_signal_masks();

} // namespace stub
