package rigs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"daybook/sources/blob"
)

// fullScript runs a job in a file system with so much room and no more, then again
// with plenty, and copies what came out of it. It has a mount table of its own, so
// that nothing is left behind.
const fullScript = `
mount -t tmpfs -o size=64m,nr_inodes=9999 tmpfs "$OUT" || exit 77
cp -a "$BEFORE/." "$OUT" || exit 1
used=$(df -Pk "$OUT" | awk 'NR == 2 {print $3}')
inodes=$(df -Pi "$OUT" | awk 'NR == 2 {print $3}')
mount -o "remount,size=$((used + KIB))k,nr_inodes=$((inodes + INODES))" "$OUT" || exit 1
"$@"; echo "first=$?"
echo "left=$(find "$OUT/$HIDDEN" -type f ! -name lock 2>/dev/null | wc -l)"
mount -o remount,size=64m,nr_inodes=9999 "$OUT" || exit 1
"$@"; echo "second=$?"
cp -r "$OUT/." "$RESULT"
`

var fullAnswer = regexp.MustCompile(`(?s)(.*)first=(\d+)\nleft=(\d+)\n(.*)second=(\d+)\n`)

// fullRun is how a job went in a file system with room for only so much.
type fullRun struct {
	said          string // by the first run
	first, second string // exit codes
	left          string // temporary files after the first run
}

// runFull runs the script; it skips the test where mounting is not allowed.
func (p place) runFull(t *testing.T, binary, config, before, out string, kib, inodes int, args ...string) fullRun {
	t.Helper()
	for _, folder := range []string{before, "full", out} {
		if err := os.MkdirAll(filepath.Join(p.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := []string{"-c", fullScript, "sh", binary}
	cmd := exec.Command("sh", append(append(script, args...), "-q", "--config", config)...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GOMAXPROCS=1", "OUT=" + filepath.Join(p.root, "full"), "BEFORE=" + filepath.Join(p.root, before),
		"RESULT=" + filepath.Join(p.root, out), "HIDDEN=" + blob.TempPrefix, fmt.Sprintf("KIB=%d", kib), fmt.Sprintf("INODES=%d", inodes),
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 77 {
		t.Skipf("cannot mount a small file system here: %v %s", err, said)
	}
	m := fullAnswer.FindSubmatch(said)
	if err != nil || m == nil {
		t.Fatalf("%d KiB, %d inodes: %v: %s", kib, inodes, err, said)
	}
	return fullRun{said: string(m[1]), first: string(m[2]), left: string(m[3]), second: string(m[5])}
}

// fullSweep is one job with room for only so much of one kind.
type fullSweep struct {
	place        place
	binary       string
	config       string // written once: the sweeps run side by side
	before, unit string // unit is "KiB" or "files"
	args         []string
	want         map[string]string
}

const plenty = 9000 // KiB, or files: more than any of the runs needs

// run sweeps every step-th size from the smallest, up to one that is enough.
func (s *fullSweep) run(t *testing.T, step int) {
	room := 0
	if s.unit == "KiB" {
		step *= os.Getpagesize() >> 10
		room = step // a size of 0 would be no limit
	}
	for n := 0; ; n, room = n+1, room+step {
		kib, files := room, plenty
		if s.unit == "files" {
			kib, files = plenty, room
		}
		if enough := s.try(t, fmt.Sprintf("full-%s-%s-%d", s.args[1], s.unit, n), kib, files); enough || t.Failed() {
			if n == 0 {
				t.Errorf("%q needs no more than %d %s: the rig does not see the run", s.args, room, s.unit)
			}
			t.Logf("%-6s full at %2d sizes below %d %s: each a clear error, completed by the next run", s.args[1], n, room, s.unit)
			return
		}
	}
}

// try runs the job once with little room and once with plenty. It reports whether
// the little was enough.
func (s *fullSweep) try(t *testing.T, out string, kib, files int) bool {
	what := fmt.Sprintf("%q with room for %d KiB and %d files", s.args, kib, files)
	run := s.place.runFull(t, s.binary, s.config, s.before, out, kib, files, s.args...)
	defer os.RemoveAll(filepath.Join(s.place.root, out))
	if !published(run.first) && (run.first != "1" || !strings.Contains(run.said, "free space in the store") || run.left != "0") {
		t.Errorf("%s: exit %s, %s temporary files left: %s", what, run.first, run.left, run.said)
	}
	if !published(run.second) {
		t.Errorf("%s: the next run exited with %s", what, run.second)
	}
	got, _ := readState(t, s.place.root, out)
	for _, d := range differences(got, s.want) {
		t.Errorf("%s: %s", what, d)
	}
	return published(run.first)
}

// published reports whether an exit code is that of a run that went well.
func published(code string) bool { return code == "0" || code == "4" }

// A file system that ends after any number of pages, or of files, gives a clear error
// and keeps no temporary file; with room, the same command completes.
func TestFull_NoSpaceAtEverySize(t *testing.T) {
	step := every(t, 9)
	binary := buildBinary(t)
	inMemory(t)
	p := folderPlace(t)
	config := p.config(t, "full", "")
	var sweeps []*fullSweep
	for _, job := range []struct{ before, after, name string }{{"nothing", "rolled", "rollup"}, {"rolled", "rated", "daily"}} {
		args := []string{"run", job.name, "--day", rigDay}
		if run := p.runFull(t, binary, config, job.before, job.after, plenty, plenty, args...); !published(run.first) {
			t.Fatalf("%q: %+v", args, run)
		}
		want, _ := readState(t, p.root, job.after)
		for _, unit := range []string{"KiB", "files"} {
			sweeps = append(sweeps, &fullSweep{place: p, binary: binary, config: config, before: job.before, unit: unit, args: args, want: want})
		}
	}
	sideBySide(len(sweeps), 1, func(n int) { sweeps[n].run(t, step) })
}
