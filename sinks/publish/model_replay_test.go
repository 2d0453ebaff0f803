package publish

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

// walk goes a random way from start to an end, where nothing comes next.
func walk[S, L any](dice *rand.Rand, start S, next func(S, func(L, S))) (way []L, states []S) {
	for at := start; ; {
		var steps []L
		var after []S
		next(at, func(l L, s S) { steps, after = append(steps, l), append(after, s) })
		if len(steps) == 0 {
			return way, states
		}
		i := dice.IntN(len(steps))
		at = after[i]
		way, states = append(way, steps[i]), append(states, at)
	}
}

var replayMonths = [2]string{"2026-10", "2026-11"}

const invoices = "invoice"

// chainReplay is a way through the model of closings, made by the code.
type chainReplay struct {
	t     *testing.T
	store *mem.Store
	mu    sync.Mutex
	input uint8
	gates [2]*turnstile
}

func (c *chainReplay) now() uint8 { c.mu.Lock(); defer c.mu.Unlock(); return c.input }

// start begins a runner anew, as a new process.
func (c *chainReplay) start(who uint8) {
	gate := newTurnstile(c.store, func(op, key string) bool {
		return op == "list" || op == "put" && !strings.HasPrefix(key, "current/") || op == "stat"
	})
	c.gates[who] = gate
	go func() {
		for !gate.say("") {
			err := c.tasks(c.t.Context(), New(gate, Options{Engine: "v1"}), who)
			if err == nil {
				return
			}
		}
	}()
}

// tasks does what a runner has to do, from the first task on.
func (c *chainReplay) tasks(ctx context.Context, p *Publisher, who uint8) error {
	for _, task := range chainTasks[who] {
		for {
			err := c.task(ctx, p, task)
			if err == nil {
				break
			}
			if !errors.Is(err, ErrMovedOn) && !errors.Is(err, ErrAbandoned) && !errors.Is(err, ErrSealed) {
				return err
			}
		}
	}
	return nil
}

func (c *chainReplay) task(ctx context.Context, p *Publisher, task chainTask) error {
	month := replayMonths[task.month]
	h, err := p.Decided(ctx, "monthly", month)
	plan := chainPlan{kind: task.kind, input: c.now(), number: 1}
	switch {
	case err != nil:
		return err
	case task.kind == closing && h.Published != nil,
		task.kind == supplement && (h.Published == nil || h.Last.Verdict == Sealed || h.Published.Totals["kind"] == fmt.Sprint(supplement)):
		return nil
	case task.kind == supplement:
		plan.number = uint8(h.Published.Chain.Numbers[invoices])
	case task.month == 1:
		if h, err := p.Decided(ctx, "monthly", replayMonths[0]); err != nil || h.Published == nil {
			return err
		}
		if _, err := p.Seal(ctx, "monthly", replayMonths[0]); err != nil {
			return err
		}
		before, err := p.Decided(ctx, "monthly", replayMonths[0])
		if err != nil {
			return err
		}
		plan.predecessor, plan.number = uint8(before.Published.Revision), uint8(before.Published.Chain.Numbers[invoices])
	}
	return publishPlan(ctx, p, h, month, plan)
}

// publishPlan computes and commits what a plan says.
func publishPlan(ctx context.Context, p *Publisher, h History, month string, plan chainPlan) error {
	id := Identity{Job: "monthly", Period: month, AsOf: asOf, Parameters: map[string]string{"plan": fmt.Sprint(plan)}}
	run, err := p.BeginAfter(ctx, h, id, nil)
	if err != nil {
		return err
	}
	if run.Plan.Identity.Digest() != id.Digest() {
		if err := run.Abandon(ctx, "inputs changed"); err != nil {
			return err
		}
		return ErrAbandoned
	}
	o, err := run.Put(ctx, NewObject{Name: "invoices", Ext: "parquet", Role: RoleTable, Table: "invoices", Partition: "closing=" + month, Body: fmt.Append(nil, plan)})
	if err != nil {
		return err
	}
	_, _, err = run.Commit(ctx, Manifest{
		Objects: []Object{o}, Totals: map[string]string{"kind": fmt.Sprint(plan.kind)},
		Chain: &Chain{Numbers: map[string]int64{invoices: int64(plan.number) + 1}},
	})
	return err
}

// wanted is the store call that a step of the model stands for.
func wanted(before chainState, st chainStep) string {
	r := before.runners[st.who]
	month := chainTasks[st.who][r.task].month
	seal := fmt.Sprintf("runs/monthly/%s/r%06d/manifest.json", replayMonths[0], r.slot+1)
	own := fmt.Sprintf("runs/monthly/%s/r%06d/", replayMonths[month], r.slot+1)
	switch st.at {
	case look, beginList:
		return "list runs/monthly/" + replayMonths[month] + "/"
	case lookBefore, sealList, lookAfter:
		return "list runs/monthly/" + replayMonths[0] + "/"
	case sealPut:
		return "put " + seal
	case sealRead:
		return "stat " + seal
	case planPut:
		return "put " + own + "plan.json"
	case planRead:
		return "stat " + own + "plan.json"
	case abandonPut, manifestPut:
		return "put " + own + "manifest.json"
	case abandonRead, manifestRead:
		return "stat " + own + "manifest.json"
	}
	name := strings.Replace(own, "runs/", "data/", 1) + "invoices." + sum(fmt.Append(nil, r.own(chainTasks[st.who][r.task]))) + ".parquet"
	return map[uint8]string{objectPut: "put ", objectRead: "stat "}[st.at] + name
}

// replays is how many ways are replayed of each model.
func replays() uint64 {
	if os.Getenv("DAYBOOK_CRASH") == "all" {
		return 20_000
	}
	return 2_000
}

func TestModel_TheCodeGoesTheWaysOfTheClosings(t *testing.T) {
	p := chainRules{crashes: 2, faults: 3, changes: 1}
	seen := map[uint8]int{}
	for seed := range replays() {
		way, states := walk(rand.New(rand.NewPCG(seed, 7)), chainState{}, p.next)
		synctest.Test(t, func(t *testing.T) {
			c := &chainReplay{t: t, store: mem.New("out")}
			c.start(0)
			c.start(1)
			before := chainState{}
			for i, st := range way {
				synctest.Wait()
				seen[st.at]++
				switch st.fate {
				case stepChange:
					c.mu.Lock()
					c.input++
					c.mu.Unlock()
				case stepCrash:
					c.gates[st.who].die()
					c.start(st.who)
				default:
					gate := c.gates[st.who]
					if got, want := gate.asks(), wanted(before, st); got != want {
						t.Errorf("seed %d, step %d: the code asks for %q, the model for %q\n%s", seed, i+1, got, want, told(way[:i+1]))
						c.gates[0].die()
						c.gates[1].die()
						return
					}
					gate.pass <- st.fate
				}
				before = states[i]
			}
			synctest.Wait()
			c.wantEnd(seed, before)
		})
		if t.Failed() {
			return
		}
	}
	for at := look; at < finished; at++ {
		if seen[at] == 0 {
			t.Errorf("no way takes the step %q", chainStep{at: at})
		}
	}
}

// wantEnd fails unless the store is as the model's end.
func (c *chainReplay) wantEnd(seed uint64, s chainState) {
	verdicts := map[Verdict]uint8{Published: isPublished, Abandoned: isAbandoned, Sealed: isSealed}
	p := New(c.store, Options{})
	for month, slots := range s.months {
		for i, slot := range slots {
			m, err := p.ManifestOf(c.t.Context(), "monthly", replayMonths[month], i+1)
			if err != nil && !errors.Is(err, blob.ErrNotFound) || verdicts[m.Verdict] != slot.verdict {
				c.t.Errorf("seed %d: %s r%d is %q (%v), the model has %d", seed, replayMonths[month], i+1, m.Verdict, err, slot.verdict)
			}
			plan, err := p.Plan(c.t.Context(), "monthly", replayMonths[month], i+1)
			if got, want := plan.Identity.Parameters["plan"], fmt.Sprint(slot.plan); slot.plan.kind != 0 && got != want {
				c.t.Errorf("seed %d: %s r%d has the plan %s (%v), the model %s", seed, replayMonths[month], i+1, got, err, want)
			}
		}
	}
	for who, gate := range c.gates {
		if call := gate.asks(); call != "" {
			c.t.Errorf("seed %d: runner %d still asks for %s", seed, who, call)
		}
	}
}
