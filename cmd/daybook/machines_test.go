package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// machine is a machine as a process sees it.
type machine struct {
	name, binary string
	through      []string // an emulator before the binary
	env          []string
}

// machineZones are twenty zones of machines: whole, half and quarter hours, both
// sides of the date line, and rules that change.
var machineZones = []string{
	"UTC", "Europe/Zurich", "America/New_York", "America/St_Johns", "America/Caracas", "America/Sao_Paulo", "America/Anchorage",
	"Pacific/Honolulu", "Pacific/Pago_Pago", "Pacific/Kiritimati", "Pacific/Chatham", "Australia/Lord_Howe", "Australia/Eucla", "Asia/Tokyo",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Africa/Casablanca", "Europe/Dublin", "Antarctica/Troll",
}

// machineLocales write numbers, dates and capitals in other ways.
var machineLocales = []string{"C", "de_CH.UTF-8", "tr_TR.UTF-8"}

// machines are the ones to compare: four in `make test`, all zones on 1 and on 64
// processors where DAYBOOK_MACHINES is all, and there the other architectures.
func machines(t *testing.T) []machine {
	t.Helper()
	on := func(binary string, i, procs int) machine {
		zone, locale := machineZones[i%len(machineZones)], machineLocales[i%len(machineLocales)]
		return machine{
			name: fmt.Sprintf("%d processors, %s, %s", procs, zone, locale), binary: binary,
			env: []string{fmt.Sprintf("GOMAXPROCS=%d", procs), "TZ=" + zone, "LANG=" + locale, "LC_ALL=" + locale},
		}
	}
	if os.Getenv("DAYBOOK_MACHINES") != "all" {
		return []machine{on("daybook", 0, 1), on("daybook", 3, 64), on("daybook", 10, 2), on("daybook", 8, 7)}
	}
	var all []machine
	for i := range machineZones {
		all = append(all, on("daybook", i, 1), on("daybook", i, 64))
	}
	small := on(goBuild(t, []string{"GOARCH=386", "CGO_ENABLED=0"}), 1, 2)
	small.name = "32 bits, " + small.name
	all = append(all, small)
	for _, emulator := range []string{"qemu-aarch64-static", "qemu-aarch64"} {
		if path, err := exec.LookPath(emulator); err == nil {
			arm := on(goBuild(t, []string{"GOARCH=arm64", "CGO_ENABLED=0"}), 2, 2)
			arm.name, arm.through = "arm64, "+arm.name, []string{path}
			return append(all, arm)
		}
	}
	t.Log("arm64 is not run here: there is no qemu")
	return all
}

// The same inputs give the same bytes, and the same words for people, on every
// machine. Of the output folder only plans may differ: they hold the store's own
// tokens of the input files.
func TestMachines_SameBytesOnEveryMachine(t *testing.T) {
	inputs := rigInputs(t)
	commands := [][]string{
		{"run", "daily", "--day", "2025-02-28"},
		{"run", "monthly", "--period", "2025-02"},
		{"invoices", "--period", "2025-02", "-o", "json"},
		{"explain", "2025-000001", "1"},
	}
	var want map[string]string
	var wantSaid, first string
	for _, m := range machines(t) {
		dir := rigFolder(t, inputs, "")
		var said strings.Builder
		for _, args := range commands {
			line := append(append(append([]string{}, m.through...), m.binary), args...)
			out, code := runIn(t.Context(), line[0], dir, m.env, line[1:]...)
			if code != exitOK {
				t.Fatalf("%s: %v exits with %d:\n%s", m.name, args, code, out)
			}
			fmt.Fprintf(&said, "$ %v\n%s", args, out)
		}
		got := promisedFiles(t, dir, func(path string) bool { return !strings.HasSuffix(path, "/plan.json") })
		if want == nil {
			want, wantSaid, first = got, said.String(), m.name
			continue
		}
		sameBytes(t, m.name+" beside "+first, got, want)
		if said.String() != wantSaid {
			t.Errorf("%s says\n%s\nand %s\n%s", m.name, said.String(), first, wantSaid)
		}
	}
}
