package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"daybook/sources/parquet"
)

// spillWorld is a day of so many events and configurations that roll it up with
// little memory, in one process or two, and with enough.
func spillWorld(t *testing.T, rows int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	columns := []parquet.Column{
		{Name: "event_id", Type: parquet.String},
		{Name: "time", Type: parquet.TimestampMicrosUTC},
		{Name: "subscription_id", Type: parquet.String},
		{Name: "meter", Type: parquet.String},
		{Name: "quantity", Type: parquet.Int64},
	}
	noon := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC).UnixMicro()
	for i := range rows {
		columns[0].Strings = append(columns[0].Strings, fmt.Sprintf("event-%d", i))
		columns[1].Ints = append(columns[1].Ints, noon+int64(i))
		columns[2].Strings = append(columns[2].Strings, "sub-1")
		columns[3].Strings = append(columns[3].Strings, "traffic")
		columns[4].Ints = append(columns[4].Ints, int64(i%7))
	}
	body, err := parquet.EncodeGroups(columns, rows, 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"usage/dt=2026-10-05/part-0.parquet": string(body),
		"registry/accounts.ndjson":           `{"id":"acme","bills":true}`,
		"registry/subscriptions.ndjson":      `{"id":"sub-1","account":"acme","plan":"standard","start":"2026-10-01"}`,
		"book/shop.yaml":                     "book: shop\ncurrency: CHF\neffective: 2026-01-01\nmeters: {traffic: {aggregate: sum, unit: GB}}\nplans: {standard: {prices: {traffic: {meter: traffic, unit: 0.50}}}}\n",
		"spills/keep":                        "",
	}
	for name, more := range map[string]string{"enough": "", "tight": ", memory: 1MiB, temporary: spills", "isolated": ", memory: 1MiB, temporary: spills, isolate: true, isolate_memory: 2GiB"} {
		files[name+".yaml"] = "usage: {at: usage, layout: {partition: dt}" + more + "}\nregistry: registry\nbook: book\nout: out-" + name + "\nstart: 2026-10-01\nissuer: {name: Acme}\nworkers: 2\n"
	}
	for name, body := range files {
		if err := writeFile(filepath.Join(dir, name), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ourselves is this program under the name by which it is daybook (TestMain).
func ourselves(t *testing.T) (binary string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(t.TempDir(), "daybook")
	if err := os.WriteFile(binary, body, 0o755); err != nil {
		t.Fatal(err)
	}
	return binary
}

// spiller waits until a process or its child has an open file of spilled events,
// which has lost its name, and returns which; 0 when both have ended before.
func spiller(process *os.Process, ended <-chan error) (pid int) {
	for {
		select {
		case <-ended:
			return 0
		default:
		}
		pids := []string{fmt.Sprint(process.Pid)}
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", process.Pid))
		for _, thread := range threads {
			children, _ := os.ReadFile(thread)
			pids = append(pids, strings.Fields(string(children))...)
		}
		for _, pid := range pids {
			open, _ := filepath.Glob("/proc/" + pid + "/fd/*")
			for _, fd := range open {
				if name, _ := os.Readlink(fd); strings.Contains(name, "daybook-usage-") && strings.HasSuffix(name, "(deleted)") {
					var n int
					_, _ = fmt.Sscan(pid, &n)
					return n
				}
			}
		}
	}
}

// A process that is killed while it has events on disk leaves no file there, nor
// does its decoder; and the next run publishes what one with enough memory does.
func TestSpill_OfAKilledProcessLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes that roll up a million events")
	}
	if known, _ := filepath.Glob("/proc/self/task/*/children"); len(known) == 0 {
		t.Skip("this kernel does not tell the children of a process")
	}
	binary := ourselves(t)
	dir := spillWorld(t, 1_000_000)
	args := func(config string) []string {
		return []string{"run", "rollup", "--day", "2026-10-05", "--config", config + ".yaml"}
	}
	if out, code := runIn(t.Context(), binary, dir, nil, args("enough")...); code != exitOK {
		t.Fatalf("with enough memory: exit code %d\n%s", code, out)
	}
	want := manifestIn(t, dir, "enough")
	for _, config := range []string{"tight", "isolated"} {
		t.Run(config, func(t *testing.T) {
			c := exec.CommandContext(t.Context(), binary, args(config)...)
			c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
			var said bytes.Buffer
			c.Stdout, c.Stderr = &said, &said
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			pid := spiller(c.Process, ended)
			if pid == 0 {
				t.Fatalf("it ended before it was seen to spill:\n%s", said.String())
			}
			if (pid != c.Process.Pid) != (config == "isolated") {
				t.Errorf("process %d of %d spills", pid, c.Process.Pid)
			}
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-ended
			for deadline := time.Now().Add(time.Minute); syscall.Kill(pid, 0) == nil; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the decoder %d goes on", pid)
				}
			}
			left, err := os.ReadDir(filepath.Join(dir, "spills"))
			if err != nil || len(left) != 1 || left[0].Name() != "keep" {
				t.Errorf("left in the folder of spills: %v, %v", left, err)
			}
			if out, code := runIn(t.Context(), binary, dir, nil, args(config)...); code != exitOK {
				t.Fatalf("the next run: exit code %d\n%s", code, out)
			}
			if got := manifestIn(t, dir, config); got != want {
				t.Errorf("the next run published\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// manifestIn is what a configuration's run published.
func manifestIn(t *testing.T, dir, config string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, "out-"+config, "runs/rollup/2026-10-05/r000001/manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
