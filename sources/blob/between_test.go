package blob_test

import (
	"slices"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

func TestBetween_YieldsTheFoldersAndWhatLiesBetween(t *testing.T) {
	s := mem.New("test")
	for _, key := range []string{"dt=2026-09-29/z", "dt=2026-09-30/a", "dt=2026-10-01/a", "dt=2026-10-01/b", "dt=2026-10-01x/a", "dt=2026-10-02/a", "e"} {
		if _, err := s.Put(t.Context(), key, []byte("x"), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"dt=2026-09-30/", "dt=2026-10-01/", []string{"dt=2026-09-30/a", "dt=2026-10-01/a", "dt=2026-10-01/b"}},
		{"dt=2026-10-01/", "dt=2026-10-01/", []string{"dt=2026-10-01/a", "dt=2026-10-01/b"}},
		{"dt=2026-10-03/", "dt=2026-10-09/", nil},
	} {
		var got []string
		for o, err := range blob.Between(t.Context(), s, c.from, c.to) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, o.Key)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
