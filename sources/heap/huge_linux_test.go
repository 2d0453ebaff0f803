//go:build amd64 || arm64

package heap

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The kernel lists for each mapping its size and, as "hg", that it was asked for huge
// pages.
func TestPrepare_AsksForHugePagesOfTheHeap(t *testing.T) {
	page := make([]byte, 4<<20)
	if err := syscall.Madvise(page, syscall.MADV_NOHUGEPAGE); err != nil {
		t.Skipf("this kernel has no huge pages: %v", err)
	}
	askForHugePages()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	var size, asked int
	for line := range strings.Lines(string(maps)) {
		f := strings.Fields(line)
		switch f[0] {
		case "Size:":
			size, _ = strconv.Atoi(f[1])
		case "VmFlags:":
			for _, flag := range f[1:] {
				if flag == "hg" {
					asked += size
				}
			}
		}
	}
	if asked<<10 < huge {
		t.Errorf("%d KiB come in huge pages, of %d", asked, huge>>10)
	}
}
