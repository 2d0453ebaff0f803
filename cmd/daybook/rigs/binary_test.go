package rigs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"daybook/sources/blob/s3test"
)

const (
	// moduleRoot is the root of the checkout, seen from this folder.
	moduleRoot = "../../.."
	mainPkg    = "daybook/cmd/daybook"
)

// mode is how much of a rig is run: "all", "sample" or "" for none of it.
func mode() string { return os.Getenv("DAYBOOK_CRASH") }

// every picks the step of a sweep.
func every(t testing.TB, sampled int) int {
	t.Helper()
	switch mode() {
	case "all":
		return 1
	case "sample":
		return sampled
	}
	t.Skip("needs DAYBOOK_CRASH; run make crash, or make check for a sample")
	return 0
}

// binaries are the programs that were built for the tests so far.
var binaries struct {
	mu     sync.Mutex
	folder string
	paths  map[string]string // flags -> path
}

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // many short runs, of which little is left
	code := m.Run()
	if binaries.folder != "" {
		_ = os.RemoveAll(binaries.folder)
	}
	os.Exit(code)
}

// buildBinary builds the program with flags of go build, once, and returns its path.
func buildBinary(t testing.TB, flags ...string) string {
	t.Helper()
	binaries.mu.Lock()
	defer binaries.mu.Unlock()
	key := strings.Join(flags, " ")
	if path := binaries.paths[key]; path != "" {
		return path
	}
	if binaries.folder == "" {
		folder, err := os.MkdirTemp("", "daybook-rig-*")
		if err != nil {
			t.Fatal(err)
		}
		binaries.folder, binaries.paths = folder, map[string]string{}
	}
	path := filepath.Join(binaries.folder, fmt.Sprintf("daybook-%d", len(binaries.paths)))
	args := append(append([]string{"build"}, flags...), "-o", path, mainPkg)
	build := exec.Command("go", args...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is shipped
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	binaries.paths[key] = path
	return path
}

// lanes are how many runs go side by side.
const lanes = 4

// sideBySide calls do for n = 0, step, 2·step… below end, several at once, and
// returns how often.
func sideBySide(end, step int, do func(n int)) int {
	var group errgroup.Group
	group.SetLimit(lanes)
	done := 0
	for n := 0; n < end; n += step {
		group.Go(func() error {
			do(n)
			return nil
		})
		done++
	}
	_ = group.Wait()
	return done
}

// died is the exit code of a process that was killed.
const died = -int(syscall.SIGKILL)

// runBinary runs the program in an environment of its own and returns its exit code
// and what it said.
func runBinary(t testing.TB, binary string, env []string, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "GOMAXPROCS=1", "GOGC=off", "ERP_SECRET=" + secret,
		"AWS_ACCESS_KEY_ID=" + s3test.AccessKey, "AWS_SECRET_ACCESS_KEY=" + s3test.SecretKey, "AWS_EC2_METADATA_DISABLED=true",
	}, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, out.String()
	case !errors.As(err, &exit):
		t.Fatal(err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -int(status.Signal()), out.String()
	}
	return exit.ExitCode(), out.String()
}
