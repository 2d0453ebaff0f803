package publish

import "fmt"

// The model of the chain of closings: two runners that close months A and B, one
// of which also publishes a supplement of A, over one store. A step is one store
// call that matters: a list of revisions, a put, or the read after a put that did
// not go well. Reads of what never changes are no steps. Each step of each runner
// may be followed by any other's, a put may fail before or after its effect, a
// runner may die between any two calls and begin anew, the inputs may change, and
// garbage is collected at any time.

// chainPlan is what a revision computes: of which kind, from which version of the
// inputs, on which revision of A, from which invoice number on.
type chainPlan struct{ kind, input, predecessor, number uint8 }

const (
	closing uint8 = 1 + iota
	supplement
)

// chainSlot is one revision of one month. What a published manifest says is its
// plan's.
type chainSlot struct {
	plan    chainPlan
	verdict uint8 // 0: undecided
	object  bool  // what the plan computes is stored
}

const (
	undecided uint8 = iota
	isPublished
	isAbandoned
	isSealed
)

// What a runner does next.
const (
	look         uint8 = iota // list the month: is there anything to do?
	lookBefore                // list A, before it is sealed
	sealList                  // list A, in Seal
	sealPut                   // put the seal
	sealRead                  // read what stands in its place
	lookAfter                 // list A, after it is sealed
	beginList                 // list the month, in BeginAfter
	planPut                   // put the plan
	planRead                  // read what stands in its place
	abandonPut                // give a found plan up
	abandonRead               //
	objectPut                 // put what was computed
	objectRead                //
	manifestPut               // commit
	manifestRead              //
	finished
)

// chainRunner is a process: where it is and what it remembers.
type chainRunner struct {
	at, task uint8
	seenNext uint8 // the history that it decided by
	seenPub  uint8
	input    uint8
	slot     uint8
	pred     uint8
	number   uint8
}

const maxSlots = 6

// chainState is one state of the world.
type chainState struct {
	months  [2][maxSlots]chainSlot
	runners [2]chainRunner
	input   uint8 // version of the inputs
	crashes uint8 // so far
	faults  uint8
	broken  bool // a manifest was replaced
}

// chainTasks are what each runner has to do: a month, and a kind.
type chainTask struct{ month, kind uint8 }

var chainTasks = [2][]chainTask{
	{{0, closing}, {1, closing}},
	{{0, closing}, {0, supplement}, {1, closing}},
}

// chainRules are the protocol, or one mistaken variant of it.
type chainRules struct {
	crashes, faults, changes uint8 // how many may happen
	collect                  bool  // garbage is collected

	overwriteManifest bool // commits without put-if-absent
	overwriteSeal     bool // seals without put-if-absent
	noSeal            bool // plans B without sealing A
	numbersBeforeSeal bool // reads the number before it seals
	lostIsFailed      bool // takes a lost answer of its commit for a failure, and cleans up
	collectUndecided  bool // takes objects of undecided revisions for garbage
	beginAnyway       bool // begins the next revision whatever was decided since
	burnNumbers       bool // leaves out the numbers of abandoned revisions
}

// chainStep is one transition: who did what, and how it went.
type chainStep struct {
	who  uint8 // runner; 2: the world
	at   uint8
	fate uint8
}

const (
	stepFine   uint8 = iota
	stepLost         // had its effect, and its answer is lost
	stepFailed       // had none
	stepCrash
	stepChange
	stepCollect
)

const world = 2

// listed is what a listing of a month shows.
func (s *chainState) listed(month uint8) (next, pub, last uint8) {
	for i, slot := range s.months[month] {
		if slot.verdict == undecided {
			return uint8(i), pub, last
		}
		if last = slot.verdict; last == isPublished {
			pub = uint8(i) + 1
		}
	}
	panic("the model has too few revisions")
}

// after is the invoice number after those of a published revision.
func (s *chainState) after(month, pub uint8) uint8 { return s.months[month][pub-1].plan.number + 1 }

// violation names the promise that a state breaks, "" for none.
func (s *chainState) violation() string {
	if s.broken {
		return "one decided manifest a revision"
	}
	var numbers []uint8
	closings, lastA, sealed := [2]int{}, uint8(0), false
	for month := range s.months {
		for i, slot := range s.months[month] {
			if slot.verdict != isPublished {
				sealed = sealed || month == 0 && slot.verdict == isSealed
				continue
			}
			if !slot.object {
				return "what a manifest names is there"
			}
			if slot.plan.kind == closing {
				closings[month]++
			}
			if month == 0 {
				if sealed {
					return "nothing is published after the seal"
				}
				lastA = uint8(i) + 1
			}
			numbers = append(numbers, slot.plan.number)
			if month == 1 && (slot.plan.predecessor != lastA || !sealed) {
				return "a closing has exactly one predecessor, which is sealed"
			}
		}
	}
	if closings[0] > 1 || closings[1] > 1 {
		return "a month is closed once"
	}
	for i, n := range numbers {
		if int(n) != i+1 {
			return "numbers are unique and without a gap"
		}
	}
	return ""
}

// done reports whether nobody has anything left to do; then both months are
// closed.
func (s *chainState) done() (ended bool, violation string) {
	for _, r := range s.runners {
		if r.at != finished {
			return false, ""
		}
	}
	for month := range s.months {
		if _, pub, _ := s.listed(uint8(month)); pub == 0 {
			return true, "who runs to the end finds both months closed"
		}
	}
	return true, ""
}

func (st chainStep) String() string {
	names := []string{
		"lists the month", "lists A before the seal", "lists A to seal it", "puts the seal", "reads in the seal's place", "lists A after the seal",
		"lists the month to begin", "puts the plan", "reads the plan", "puts abandoned", "reads in its place", "puts the object", "reads the object",
		"puts the manifest", "reads the manifest", "ends",
	}
	fates := []string{"", ", answer lost", ", failed", "", "", ""}
	switch st.fate {
	case stepCrash:
		return fmt.Sprintf("runner %d dies before it %s, and begins anew", st.who, names[st.at])
	case stepChange:
		return "the inputs change"
	case stepCollect:
		return "garbage is collected"
	}
	return fmt.Sprintf("runner %d %s%s", st.who, names[st.at], fates[st.fate])
}
