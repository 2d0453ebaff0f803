package publish

import (
	"fmt"
	"testing"
)

// The model of the current view: three revisions of one period, of which the
// third returns to the bytes of the first, and two runners. Each publishes the
// next revision and moves one file of the view forward, in the loop of Advance;
// one of them publishes a third. A put may lose its answer, and a runner may die
// anywhere; the next run, alone, then moves the view once more.

// currentContents are the bytes of the revisions.
var currentContents = [...]uint8{1, 2, 1}

const (
	toPublish uint8 = iota
	toStat
	toList
	toPut
	toListAgain
	ended
)

// currentRunner is a runner: what it wants the file to be, and what it saw there.
type currentRunner struct {
	at, want, left uint8 // left: revisions that it still publishes
	etag, content  uint8 // what stood
	died           bool
}

type currentState struct {
	content, etag   uint8 // of the file; content 0: absent
	by              uint8 // the revision that it was last put for
	backward        bool  // it was put for an earlier one since
	latest          uint8 // the last published revision
	runners         [2]currentRunner
	crashes, faults uint8
}

// currentRules are the loop of Advance, or one mistaken variant of it.
type currentRules struct {
	crashes, faults uint8

	listFirst     bool // lists before it states what stands
	unconditional bool // puts without If-Match
	noSecondList  bool // does not list again after a put
	ownRevision   bool // takes its own revision for the latest
}

type currentStep struct{ who, at, fate uint8 }

func (st currentStep) String() string {
	names := []string{"publishes", "states the file", "lists", "puts the file", "lists again", "ends"}
	fates := []string{"", ", answer lost", ", failed", " — no: dies"}
	return fmt.Sprintf("runner %d %s%s", st.who, names[st.at], fates[st.fate])
}

func (p currentRules) next(s currentState, yield func(currentStep, currentState)) {
	for i := range s.runners {
		r := s.runners[i]
		if r.at == ended {
			continue
		}
		after := s
		p.act(&after, &after.runners[i], stepFine)
		yield(currentStep{uint8(i), r.at, stepFine}, after)
		if r.at == toPut && s.faults < p.faults {
			for _, fate := range []uint8{stepLost, stepFailed} {
				after := s
				after.faults++
				p.act(&after, &after.runners[i], fate)
				yield(currentStep{uint8(i), r.at, fate}, after)
			}
		}
		if s.crashes < p.crashes && r.at != toPublish {
			after := s
			after.crashes++
			after.runners[i] = currentRunner{at: ended, died: true}
			yield(currentStep{uint8(i), r.at, stepCrash}, after)
		}
	}
}

// begin is where a pass of the loop begins.
func (p currentRules) begin() uint8 {
	if p.listFirst {
		return toList
	}
	return toStat
}

func (p currentRules) act(s *currentState, r *currentRunner, fate uint8) {
	switch r.at {
	case toPublish:
		s.latest++
		r.want, r.left, r.at = s.latest, r.left-1, p.begin()
	case toStat:
		r.etag, r.content, r.at = s.etag, s.content, toList
		if p.listFirst {
			p.compare(s, r)
		}
	case toList:
		switch {
		case !p.ownRevision && r.want != s.latest && !p.listFirst:
			r.want, r.at = s.latest, p.begin()
		case p.listFirst:
			r.want, r.at = s.latest, toStat
		default:
			p.compare(s, r)
		}
	case toPut:
		p.put(s, r, fate)
	case toListAgain:
		if p.ownRevision || r.want == s.latest {
			p.finish(r)
			return
		}
		r.want, r.at = s.latest, p.begin()
	}
}

// compare decides whether the file that stood differs from what is wanted.
func (p currentRules) compare(s *currentState, r *currentRunner) {
	switch {
	case r.etag != s.etag && r.content != 0:
		r.at = p.begin() // the version that stood is gone
	case r.content == currentContents[r.want-1]:
		p.finish(r)
	default:
		r.at = toPut
	}
}

func (p currentRules) put(s *currentState, r *currentRunner, fate uint8) {
	raced := r.etag != s.etag && !p.unconditional
	switch {
	case fate == stepFailed: // Advance fails; the next run goes on
		*r = currentRunner{at: ended, died: true}
		return
	case raced:
		r.at = p.begin()
		return
	}
	s.by, s.backward = r.want, s.backward || r.want < s.by
	s.content, s.etag = currentContents[r.want-1], s.etag+1
	switch {
	case fate == stepLost:
		*r = currentRunner{at: ended, died: true}
	case p.noSecondList:
		p.finish(r)
	default:
		r.at = toListAgain
	}
}

func (p currentRules) finish(r *currentRunner) {
	if *r = (currentRunner{at: ended, left: r.left}); r.left > 0 {
		r.at = toPublish
	}
}

// violation judges every state, and the end when both runners have ended. A runner
// that died leaves the rest to the next one, which runs alone.
func (p currentRules) violation(s currentState) string {
	if s.backward {
		return "the current view never goes back"
	}
	died := false
	for _, r := range s.runners {
		if r.at != ended {
			return ""
		}
		died = died || r.died
	}
	if died {
		alone := s
		alone.runners[0] = currentRunner{at: p.begin(), want: s.latest}
		for alone.runners[0].at != ended {
			p.act(&alone, &alone.runners[0], stepFine)
		}
		s = alone
	}
	if s.content != currentContents[s.latest-1] {
		return "the current view ends at the latest published revision"
	}
	return ""
}

func (p currentRules) explore() (int, string, []currentStep) {
	start := currentState{runners: [2]currentRunner{{left: 2}, {left: 1}}}
	return explore(start, p.next, p.violation)
}

func TestModel_CurrentEndsAtTheLatestRevision(t *testing.T) {
	p := currentRules{crashes: 2, faults: 2}
	states, violation, way := p.explore()
	if violation != "" {
		t.Fatalf("after %d states, broken: %s\n%s", states, violation, told(way))
	}
	t.Logf("%d states with %d crashes and %d faults: no promise is broken", states, p.crashes, p.faults)
	if states < 1_000 {
		t.Errorf("only %d states: the model does not run", states)
	}
}

func TestModel_MistakesOfTheCurrentViewAreCaught(t *testing.T) {
	const back, end = "the current view never goes back", "the current view ends at the latest published revision"
	for _, c := range []struct {
		name  string
		rules currentRules
		want  string
	}{
		{"it lists before it states the file", currentRules{listFirst: true}, back},
		{"it puts without a condition", currentRules{unconditional: true}, back},
		{"it does not list again after a put", currentRules{noSecondList: true}, end},
		{"it takes its own revision for the latest", currentRules{ownRevision: true}, back},
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
