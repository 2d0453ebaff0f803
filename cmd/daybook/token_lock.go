//go:build linux || darwin

package main

import (
	"os"
	"syscall"
)

// lockFolder waits until no other process holds the folder's lock, and takes it; it
// ends with the process at the latest.
func lockFolder(path string) (unlock func(), err error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	for {
		if err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = folder.Close()
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return func() { _ = folder.Close() }, nil
}
