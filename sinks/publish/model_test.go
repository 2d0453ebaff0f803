package publish

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// explore visits every state that can be reached, breadth first, and returns how
// many there are, and the shortest way to a broken promise. To go round for ever
// is one: from every state an end must be in reach, where nothing comes next.
func explore[S, L comparable](start S, next func(S, func(L, S)), broken func(S) string) (states int, violation string, way []L) {
	type origin struct {
		from int32
		step L
	}
	known := map[S]int32{start: 0}
	all := []S{start}
	origins := []origin{{from: -1}}
	told := func(at int32) (way []L) {
		for i := at; origins[i].from >= 0; i = origins[i].from {
			way = append([]L{origins[i].step}, way...)
		}
		return way
	}
	var edges [][2]int32
	var ends []int32
	for at := int32(0); int(at) < len(all); at++ {
		if violation = broken(all[at]); violation != "" {
			return len(all), violation, told(at)
		}
		end := true
		next(all[at], func(step L, after S) {
			end = false
			to, ok := known[after]
			if !ok {
				to = int32(len(all))
				known[after], all, origins = to, append(all, after), append(origins, origin{at, step})
			}
			edges = append(edges, [2]int32{at, to})
		})
		if end {
			ends = append(ends, at)
		}
	}
	if stuck := endless(len(all), edges, ends); stuck >= 0 {
		return len(all), "every runner comes to an end", told(stuck)
	}
	return len(all), "", nil
}

// endless returns a state from which no end can be reached, -1 for none.
func endless(states int, edges [][2]int32, ends []int32) int32 {
	slices.SortFunc(edges, func(a, b [2]int32) int { return cmp.Compare(a[1], b[1]) })
	reaches := make([]bool, states)
	for _, e := range ends {
		reaches[e] = true
	}
	for len(ends) > 0 {
		at := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		i, _ := slices.BinarySearchFunc(edges, at, func(e [2]int32, to int32) int { return cmp.Compare(e[1], to) })
		for ; i < len(edges) && edges[i][1] == at; i++ {
			if from := edges[i][0]; !reaches[from] {
				reaches[from], ends = true, append(ends, from)
			}
		}
	}
	return int32(slices.Index(reaches, false))
}

func (p chainRules) explore() (int, string, []chainStep) {
	return explore(chainState{}, p.next, func(s chainState) string {
		if v := s.violation(); v != "" {
			return v
		}
		_, v := s.done()
		return v
	})
}

// bounds are how many crashes, faulty calls and changes of the inputs may happen.
func bounds() (crashes, faults, changes uint8) {
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		return 2, 2, 1
	}
	return 1, 1, 1
}

// Every interleaving of the two runners, with every crash, lost answer and change
// of the inputs that the bounds allow, keeps the promises of "Closings" in
// docs/commit-protocol.md.
func TestModel_ClosingsKeepTheirPromises(t *testing.T) {
	crashes, faults, changes := bounds()
	p := chainRules{crashes: crashes, faults: faults, changes: changes, collect: true}
	states, violation, way := p.explore()
	if violation != "" {
		t.Fatalf("after %d states, broken: %s\n%s", states, violation, told(way))
	}
	t.Logf("%d states with %d crashes, %d faults, %d changes of the inputs: no promise is broken", states, crashes, faults, changes)
	if states < 10_000 {
		t.Errorf("only %d states: the model does not run", states)
	}
}

// Each mistake breaks the promise that it would break in the code.
func TestModel_PlantedMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules chainRules
		want  string
	}{
		{"a manifest is put without a condition", chainRules{overwriteManifest: true, changes: 1}, "one decided manifest a revision"},
		{"a seal is put without a condition", chainRules{overwriteSeal: true}, "one decided manifest a revision"},
		{"the next month is planned without a seal", chainRules{noSeal: true}, "a closing has exactly one predecessor, which is sealed"},
		{"the number is read before the seal", chainRules{numbersBeforeSeal: true}, "a closing has exactly one predecessor, which is sealed"},
		{"a lost answer is taken for a failure and cleaned up", chainRules{lostIsFailed: true, faults: 1}, "what a manifest names is there"},
		{"objects of undecided revisions are collected", chainRules{collect: true, collectUndecided: true}, "what a manifest names is there"},
		{"an abandoned revision's number is not used again", chainRules{burnNumbers: true, changes: 1}, "numbers are unique and without a gap"},
		{"the next revision is begun whatever was decided since", chainRules{beginAnyway: true}, "a month is closed once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			states, violation, way := c.rules.explore()
			if violation != c.want {
				t.Fatalf("after %d states, broken: %q; want %q\n%s", states, violation, c.want, told(way))
			}
			t.Logf("%d states, then broken: %s, in %d steps", states, violation, len(way))
		})
	}
}

func told[L any](way []L) string {
	var b strings.Builder
	for _, step := range way {
		fmt.Fprintln(&b, step)
	}
	return b.String()
}
