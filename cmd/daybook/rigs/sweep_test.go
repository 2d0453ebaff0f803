package rigs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// sweep is one job that is killed at every point, at one place.
type sweep struct {
	place    place
	binary   string
	receiver *receiver
	job      string
	before   string     // the output that the job begins with
	killed   []string   // the command that dies
	then     [][]string // what a later cron runs, to the end

	want   map[string]string // the undisturbed output
	events []string          // what the receiver was sent then

	begins    outline   // of before
	outputs   chan lane // that deaths are died in, one after the other
	mu        sync.Mutex
	continued map[string]bool // states from which a later run was seen to reach want
	raced     atomic.Int64    // runs that did not come past their point, and were repeated
}

// lane is an output and what was last seen in it.
type lane struct {
	out string
	now outline
}

// hooks is the path at the receiver of one run.
func hooks(name string) string { return "/" + name + "/hooks" }

func (s *sweep) config(t testing.TB, out, name string) string {
	return s.place.config(t, out, s.receiver.url+hooks(name))
}

func (s *sweep) folder(out string) string { return filepath.Join(s.place.root, out) }

// points runs the job undisturbed and returns what it passed: each point with how
// many times it had been passed by then.
func (s *sweep) points(t testing.TB) []string {
	t.Helper()
	out := s.job + "-undisturbed"
	copyState(t, s.place.root, s.before, out)
	log := filepath.Join(s.place.log, out+".log")
	config := s.config(t, out, out)
	s.published(t, []string{"DAYBOOK_CRASH_LOG=" + log}, config, s.killed)
	for _, args := range s.then {
		s.published(t, nil, config, args)
	}
	s.want, _ = readState(t, s.place.root, out)
	s.events = s.receiver.got(hooks(out))
	body, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var points []string
	passed := map[string]int{}
	for line := range strings.Lines(string(body)) {
		point := strings.TrimSuffix(line, "\n")
		passed[point]++
		points = append(points, fmt.Sprintf("%s %d", point, passed[point]))
	}
	return points
}

// published runs a command that must succeed, rejected rows or not.
func (s *sweep) published(t testing.TB, env []string, config string, args []string) {
	t.Helper()
	code, said := runBinary(t, s.binary, env, append(slices.Clone(args), "-q", "--config", config)...)
	if code != 0 && code != 4 {
		t.Errorf("%s: %q exited with %d: %s", s.job, args, code, said)
	}
}

// begin returns an output that holds what the job begins with. Those of a folder are
// used over and over; a server may still be at what a dead process has asked for, so
// that each death has a new one there.
func (s *sweep) begin(t testing.TB, name string) lane {
	l := lane{out: name}
	if s.place.server.Endpoint == "" {
		l = <-s.outputs
	}
	l.now.become(t, s.begins, s.folder(s.before), s.folder(l.out))
	return l
}

// end gives the output back that begin returned.
func (s *sweep) end(l lane) {
	if s.place.server.Endpoint == "" {
		s.outputs <- l
	} else {
		_ = os.RemoveAll(s.folder(l.out))
	}
}

// killAt kills the job at a point, runs it again to its end, and compares. The
// later run is left out where one from the very same state was seen to end well.
func (s *sweep) killAt(t testing.TB, n int, point string) {
	// Where goroutines race, a run may get by without the last passing of a point
	// that several of them pass.
	for try := range 20 {
		name := fmt.Sprintf("%s-%d-%d", s.job, n, try)
		l := s.begin(t, name)
		config := s.config(t, l.out, name)
		code, said := runBinary(t, s.binary, []string{"DAYBOOK_CRASH_AT=" + point}, append(slices.Clone(s.killed), "-q", "--config", config)...)
		l.now = outlineOf(t, s.folder(l.out))
		if code == died {
			l.now = s.goOn(t, l, config, name, point)
		}
		s.end(l)
		switch code {
		case died:
			return
		case 0, 4:
			s.raced.Add(1)
		default:
			t.Errorf("%s %s: the run that was to die at %q exited with %d: %s", s.place.name, s.job, point, code, said)
			return
		}
	}
	t.Errorf("%s %s: point %d, %q, is never reached", s.place.name, s.job, n, point)
}

// goOn is what comes after a death, and returns what the output holds then.
func (s *sweep) goOn(t testing.TB, l lane, config, name, point string) outline {
	state := digestState(l.now.read(t, s.folder(l.out))) + fmt.Sprint(s.receiver.got(hooks(name)))
	s.mu.Lock()
	known := s.continued[state]
	s.mu.Unlock()
	if known {
		return l.now
	}
	for _, args := range append([][]string{s.killed}, s.then...) {
		s.published(t, nil, config, args)
	}
	now := outlineOf(t, s.folder(l.out))
	got, _ := now.read(t, s.folder(l.out))
	for _, d := range differences(got, s.want) {
		t.Errorf("%s %s: killed at %q: %s", s.place.name, s.job, point, d)
	}
	if events := s.receiver.got(hooks(name)); !slices.Equal(events, s.events) {
		t.Errorf("%s %s: killed at %q: the receiver got %q, want %q", s.place.name, s.job, point, events, s.events)
	}
	s.mu.Lock()
	s.continued[state] = true
	s.mu.Unlock()
	return now
}

// run sweeps every step-th point, several at once.
func (s *sweep) run(t *testing.T, step int) {
	began := time.Now()
	s.continued = map[string]bool{}
	points := s.points(t)
	s.begins, s.outputs = outlineOf(t, s.folder(s.before)), make(chan lane, lanes)
	for n := range lanes {
		s.outputs <- lane{out: fmt.Sprintf("%s-lane-%d", s.job, n)}
	}
	var hit atomic.Int64
	due := sideBySide(len(points), step, func(n int) {
		if !t.Failed() {
			s.killAt(t, n, points[n])
			hit.Add(1)
		}
	})
	if hit.Load() != int64(due) || len(points) < 40 {
		t.Errorf("%s %s: died at %d of %d points: the rig does not see the run", s.place.name, s.job, hit.Load(), len(points))
	}
	t.Logf("%-9s %-7s %4d points logged, %4d deaths, %3d different states continued, %d repeated, %.0f s",
		s.place.name, s.job, len(points), hit.Load(), len(s.continued), s.raced.Load(), time.Since(began).Seconds())
}

func TestCrash_ADeathAtEveryCallChangesNothing(t *testing.T) {
	step := every(t, 41)
	binary := buildBinary(t, "-tags", "crashrig")
	inMemory(t)
	for _, at := range []func(testing.TB) place{folderPlace, bucketPlace} {
		t.Run("", func(t *testing.T) {
			p, r := at(t), newReceiver(t)
			sweepOf := func(job, before string, killed []string, then ...[]string) *sweep {
				return &sweep{place: p, binary: binary, receiver: r, job: job, before: before, killed: killed, then: then}
			}
			silent := sweepOf("prepare", "", nil)
			for out, last := range map[string]string{"days": nextDay, "month": lastDay} {
				silent.published(t, nil, p.config(t, out, ""), []string{"backfill", "rollup", "--from", firstDay, "--to", last})
			}
			monthly, deliver := []string{"run", "monthly", "--period", rigMonth}, []string{"run", "deliver"}
			copyState(t, p.root, "month", "closed")
			silent.published(t, nil, p.config(t, "closed", ""), monthly)
			for _, s := range []*sweep{
				sweepOf("rollup", "nothing", []string{"run", "rollup", "--day", rigDay}),
				sweepOf("daily", "days", []string{"run", "daily", "--day", rigDay}),
				sweepOf("monthly", "month", monthly, deliver),
				sweepOf("deliver", "closed", deliver),
			} {
				s.run(t, step)
				if sends := s.job == "monthly" || s.job == "deliver"; sends != (len(s.events) == 3) {
					t.Errorf("%s: the undisturbed run sent %d events", s.job, len(s.events))
				}
			}
		})
	}
}
