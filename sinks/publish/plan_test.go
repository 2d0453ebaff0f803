package publish

import (
	"slices"
	"testing"
	"time"
)

// The canonical form is written out here by hand, so that no change of the code
// can change what identities stand in existing stores.
func TestIdentityDigest_IsThatOfItsCanonicalJSON(t *testing.T) {
	zurich := time.FixedZone("CEST", 2*3600)
	id := Identity{
		Job: "daily", Period: "2026-10-01", AsOf: time.Date(2026, 10, 2, 5, 0, 0, 0, zurich),
		Parameters: map[string]string{"b": "2", "a": "1"},
		Inputs:     []Input{{Kind: "registry", Key: "a.csv", Size: 2, SHA256: "ff"}, {Kind: "book", Key: "z.yaml", Size: 1}},
		Meters:     "m",
	}
	const canonical = `{"job":"daily","period":"2026-10-01","as_of":"2026-10-02T03:00:00Z","parameters":{"a":"1","b":"2"},` +
		`"inputs":[{"kind":"book","key":"z.yaml","size":1},{"kind":"registry","key":"a.csv","size":2,"sha256":"ff"}],"meters":"m"}`
	if got := id.Digest(); got != sum([]byte(canonical)) {
		t.Errorf("digest is %s, want that of %s", got, canonical)
	}
	turned := id
	turned.Inputs = []Input{id.Inputs[1], id.Inputs[0]}
	turned.AsOf = id.AsOf.UTC()
	if turned.Digest() != id.Digest() {
		t.Error("the order of inputs or the zone of as_of changes the digest")
	}
	if id.Inputs[0].Kind != "registry" {
		t.Error("digesting sorted the caller's inputs")
	}
}

func TestIdentityDigest_TellsEveryFieldApart(t *testing.T) {
	base := daily("1").identity()
	seen := map[string]int{base.Digest(): -1}
	for i, change := range []func(*Identity){
		func(id *Identity) { id.Job = "draft" },
		func(id *Identity) { id.Period = "2026-10-02" },
		func(id *Identity) { id.AsOf = id.AsOf.Add(time.Nanosecond) },
		func(id *Identity) { id.Parameters = map[string]string{"costs": "2"} },
		func(id *Identity) { id.Parameters = nil },
		func(id *Identity) { id.Inputs = nil },
		func(id *Identity) { id.Inputs = append(slices.Clone(id.Inputs), id.Inputs[0]) },
		func(id *Identity) { id.Inputs = []Input{{Kind: "book", Key: "book.yaml", Size: 4, SHA256: "00"}} },
		func(id *Identity) { id.Meters = "m" },
		func(id *Identity) { id.Attribution = "m" },
	} {
		id := base
		change(&id)
		if before, twice := seen[id.Digest()]; twice {
			t.Errorf("changes %d and %d have one digest", before, i)
		}
		seen[id.Digest()] = i
	}
}

func TestPlanMatches_AnyOrderButNoOtherVersion(t *testing.T) {
	p := Plan{Pins: []Pin{{"a", "1", 10}, {"b", "2", 20}}}
	for _, c := range []struct {
		pins []Pin
		want bool
	}{
		{[]Pin{{"b", "2", 20}, {"a", "1", 10}}, true},
		{[]Pin{{"a", "1", 10}}, false},
		{[]Pin{{"a", "1", 10}, {"b", "3", 20}}, false},
		{[]Pin{{"a", "1", 10}, {"b", "2", 21}}, false},
		{[]Pin{{"a", "1", 10}, {"b", "2", 20}, {"c", "3", 1}}, false},
		{nil, false},
	} {
		if p.Matches(c.pins) != c.want {
			t.Errorf("matches %v is %v", c.pins, !c.want)
		}
	}
	if !(Plan{}).Matches(nil) {
		t.Error("no pins do not match no pins")
	}
}
