package main

import (
	"runtime/debug"
	"syscall"
)

func canLimitMemory() error { return nil }

// limitMemory bounds the writable memory of this process and leaves no core
// file. It is RLIMIT_DATA, since Linux 4.7 on all private writable mappings:
// under RLIMIT_AS Go's own reservations of address space would not start. The
// collector works the harder the nearer the limit is.
func limitMemory(most int64) error {
	if most <= 0 {
		return nil
	}
	debug.SetMemoryLimit(most / 4 * 3)
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return err
	}
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: uint64(most), Max: uint64(most)})
}
