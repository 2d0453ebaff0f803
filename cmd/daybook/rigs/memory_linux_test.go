package rigs

import (
	"os"
	"syscall"
	"testing"
)

// inMemory puts the test's temporary folders into memory, where the system has such
// a file system that keeps the attributes that versitygw needs: a sweep makes and
// removes hundreds of thousands of files. A killed process needs no disk to be
// survived.
func inMemory(t *testing.T) {
	const memory = "/dev/shm"
	probe, err := os.CreateTemp(memory, "daybook-rig-*")
	if err != nil {
		return
	}
	defer os.Remove(probe.Name())
	defer probe.Close()
	if syscall.Setxattr(probe.Name(), "user.rig", []byte("1"), 0) == nil {
		t.Setenv("TMPDIR", memory)
	}
}
