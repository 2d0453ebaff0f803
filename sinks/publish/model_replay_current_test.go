package publish

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"daybook/sources/blob/mem"
)

const currentFileKey = "current/tables/costs/day=2026-10-01/part.parquet"

// advancing is a runner of the model of the current view, made by the code.
func advancing(t *testing.T, store *mem.Store, gate *turnstile, revisions uint8) {
	raw, p := New(store, Options{Engine: "v1"}), New(gate, Options{Engine: "v1"})
	for range revisions {
		var m Manifest
		if err := gate.call("publish", "", func() (err error) {
			m, err = publishNext(t, raw)
			return err
		}); err != nil {
			return
		}
		if _, err := p.forward(t.Context(), m, &latest{publisher: p, job: m.Job, period: m.Period}); err != nil {
			return
		}
	}
}

// publishNext publishes the next revision of the model, with its contents.
func publishNext(t *testing.T, p *Publisher) (Manifest, error) {
	h, err := p.Decided(t.Context(), "daily", "2026-10-01")
	if err != nil {
		return Manifest{}, err
	}
	id := Identity{Job: "daily", Period: "2026-10-01", AsOf: asOf, Parameters: map[string]string{"revision": fmt.Sprint(h.Next)}}
	run, err := p.Begin(t.Context(), id, nil)
	if err != nil {
		return Manifest{}, err
	}
	o, err := run.Put(t.Context(), NewObject{
		Name: "costs", Ext: "parquet", Role: RoleTable, Table: "costs", Partition: "day=2026-10-01", Body: fmt.Append(nil, currentContents[h.Next-1]),
	})
	if err != nil {
		return Manifest{}, err
	}
	m, _, err := run.Commit(t.Context(), Manifest{Objects: []Object{o}})
	return m, err
}

func TestModel_TheCodeGoesTheWaysOfTheCurrentView(t *testing.T) {
	calls := map[uint8]string{
		toPublish: "publish ", toStat: "stat " + currentFileKey, toList: "list runs/daily/2026-10-01/",
		toPut: "put " + currentFileKey, toListAgain: "list runs/daily/2026-10-01/",
	}
	p, lefts := currentRules{crashes: 1, faults: 2}, [2]uint8{2, 1}
	for seed := range replays() {
		start := currentState{runners: [2]currentRunner{{left: lefts[0]}, {left: lefts[1]}}}
		way, states := walk(rand.New(rand.NewPCG(seed, 8)), start, p.next)
		synctest.Test(t, func(t *testing.T) {
			store := mem.New("out")
			var gates [2]*turnstile
			for who := range gates {
				gates[who] = newTurnstile(store, func(op, key string) bool {
					return op == "publish" || op == "list" || key == currentFileKey
				})
				go advancing(t, store, gates[who], lefts[who])
			}
			for i, st := range way {
				synctest.Wait()
				gate := gates[st.who]
				if got := gate.asks(); got != calls[st.at] {
					t.Errorf("seed %d, step %d: the code asks for %q, the model for %q\n%s", seed, i+1, got, calls[st.at], told(way[:i+1]))
					gates[0].die()
					gates[1].die()
					return
				}
				if st.fate == stepCrash {
					gate.die()
				} else {
					gate.pass <- st.fate
				}
			}
			synctest.Wait()
			got, end := "", states[len(states)-1]
			if end.content != 0 {
				got = content1(t, store, currentFileKey)
			}
			if want := strings.Trim(fmt.Sprint(end.content), "0"); got != want {
				t.Errorf("seed %d: the file holds %q, the model %q\n%s", seed, got, want, told(way))
			}
		})
		if t.Failed() {
			return
		}
	}
}
