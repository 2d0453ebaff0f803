package rigs

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

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

// buildBinary builds the program with flags of go build and returns its path.
func buildBinary(t testing.TB, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "daybook")
	args := append(append([]string{"build"}, flags...), "-o", path, mainPkg)
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	return path
}

// died is the exit code of a process that was killed.
const died = -int(syscall.SIGKILL)

// runBinary runs the program in an environment of its own and returns its exit code
// and what it said.
func runBinary(t testing.TB, binary string, env []string, args ...string) (code int, said string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "GOMAXPROCS=1", "ERP_SECRET=" + secret,
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
