//go:build linux || darwin

package dir_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/dir"
)

const (
	// childRoot tells a copy of the test binary that it is one of two racing
	// processes, and on which root.
	childRoot  = "DAYBOOK_TEST_RACE_ROOT"
	raceRounds = 60
)

// TestPut_TwoProcessesRaceAndOneWins lets two processes claim the same keys and
// count in the same object: every key has one winner, and no count is lost.
func TestPut_TwoProcessesRaceAndOneWins(t *testing.T) {
	if root := os.Getenv(childRoot); root != "" {
		raceAsChild(t, open(t, root, dir.Options{}))
		return
	}
	root := t.TempDir()
	s := open(t, root, dir.Options{})
	put(t, s, "list", "", blob.Cond{})
	var children []*exec.Cmd
	var outputs [2]strings.Builder
	for n := range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPut_TwoProcessesRaceAndOneWins$", "-test.v")
		cmd.Env = append(os.Environ(), childRoot+"="+root)
		cmd.Stdout, cmd.Stderr = &outputs[n], &outputs[n]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	for n, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v\n%s", n, err, outputs[n].String())
		}
	}
	wins := strings.Count(outputs[0].String()+outputs[1].String(), "won round")
	if wins != raceRounds {
		t.Errorf("%d rounds had %d winners", raceRounds, wins)
	}
	names, err := blobtest.Entered(t, s, "list")
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != 2*raceRounds || err != nil {
		t.Errorf("two processes entered %d names, %v; want %d", n, err, 2*raceRounds)
	}
	wantNothingLeft(t, s)
}

func raceAsChild(t *testing.T, s *dir.Store) {
	for round := range raceRounds {
		key := fmt.Sprintf("claim/%03d", round)
		_, err := s.Put(t.Context(), key, fmt.Append(nil, os.Getpid()), blob.Cond{IfAbsent: true})
		switch {
		case err == nil:
			fmt.Println("won round", round)
		case !errors.Is(err, blob.ErrExists):
			t.Fatal(err)
		}
		if err := blobtest.Enter(t, s, "list", fmt.Sprintf("%d/%d", os.Getpid(), round)); err != nil {
			t.Fatal(err)
		}
	}
}
