package publish

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

func TestRequests_AreKeptOnceAndReadInOrder(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "test"})
	withdraw := Request{Kind: RequestWithdraw, Subject: map[string]string{SubjectFile: "dt=2026-10-05/a.parquet"}, Reason: "<sent twice>"}
	first, err := p.PutRequest(t.Context(), "rollup", withdraw)
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.PutRequest(t.Context(), "rollup", withdraw)
	if err != nil || again.Input != first.Input {
		t.Errorf("the same request again: %+v, %v; want %+v", again.Input, err, first.Input)
	}
	withdraw.Subject = map[string]string{SubjectFile: "dt=2026-10-05/b.parquet"}
	if _, err := p.PutRequest(t.Context(), "rollup", withdraw); err != nil {
		t.Fatal(err)
	}
	if _, err := p.PutRequest(t.Context(), "monthly", Request{Kind: RequestVoid, Subject: map[string]string{"invoice": "inv_1"}, Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	all, err := p.Requests(t.Context(), "rollup")
	if err != nil || len(all) != 2 {
		t.Fatalf("requests %+v, %v; want two", all, err)
	}
	if !slices.IsSortedFunc(all, func(a, b PlacedRequest) int { return strings.Compare(a.Input.Key, b.Input.Key) }) {
		t.Errorf("requests %+v are not in order of their keys", all)
	}
	for _, r := range all {
		if r.Reason != "<sent twice>" || r.Subject[SubjectFile] == "" {
			t.Errorf("request %+v lost its reason or subject", r)
		}
	}
}

func TestRequests_RefuseWhatSaysNothingAndWhatIsDamaged(t *testing.T) {
	store := mem.New("out")
	p := New(store, Options{Engine: "test"})
	for _, r := range []Request{
		{},
		{Kind: RequestVoid, Subject: map[string]string{"line": "1"}, Reason: " "},
		{Kind: RequestVoid, Reason: "no subject"},
		{Kind: RequestVoid, Subject: map[string]string{"line": "\xff"}, Reason: "x"},
	} {
		if _, err := p.PutRequest(t.Context(), "monthly", r); err == nil {
			t.Errorf("request %+v was taken", r)
		}
	}
	placed, err := p.PutRequest(t.Context(), "monthly", Request{Kind: RequestVoid, Subject: map[string]string{"line": "1"}, Reason: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), placed.Input.Key, []byte("{}"), blob.Cond{}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Requests(t.Context(), "monthly"); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want ErrDamaged", err)
	}
}

// Two closings that leave other things to the next one are not equal, whatever
// their tables say.
func TestEqualChains_KnowsEveryMember(t *testing.T) {
	base := Chain{Predecessor: "2026-09 r000001 x", Numbers: map[string]int64{"invoice": 2}}
	object := &Object{SHA256: "a", Role: RoleChain}
	for name, other := range map[string]Chain{
		"predecessor": {Predecessor: "", Numbers: base.Numbers},
		"numbers":     {Predecessor: base.Predecessor, Numbers: map[string]int64{"invoice": 3}},
		"coverage":    {Predecessor: base.Predecessor, Numbers: base.Numbers, Coverage: object},
		"issued":      {Predecessor: base.Predecessor, Numbers: base.Numbers, Issued: object},
		"posted":      {Predecessor: base.Predecessor, Numbers: base.Numbers, Posted: object},
	} {
		if equalChains(&base, &other) {
			t.Errorf("chains that differ by %s are equal", name)
		}
	}
	if same := base; !equalChains(&base, &same) {
		t.Error("a chain is not equal to itself")
	}
}
