//go:build amd64 || arm64

package heap

import (
	"runtime"
	"syscall"
)

// huge is how much memory comes in huge pages, in bytes.
const huge = 512 << 20

// askForHugePages marks memory that the heap grows into. The runtime maps its heap
// piece by piece and says nothing of it to the kernel, so that the heap is made to
// grow once, by a block that nobody writes to, and the block is given up: what is
// allocated next lies where it was.
func askForHugePages() {
	const flags = syscall.MAP_ANON | syscall.MAP_PRIVATE
	probe, err := syscall.Mmap(-1, 0, huge, syscall.PROT_READ|syscall.PROT_WRITE, flags)
	if err != nil {
		return // a limit of the process or of the system, which ends processes that pass it
	}
	if err := syscall.Munmap(probe); err != nil {
		return
	}
	_ = syscall.Madvise(make([]byte, huge), syscall.MADV_HUGEPAGE) // what is refused costs small pages
	runtime.GC()
}
