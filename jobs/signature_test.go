package jobs

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"

	"daybook/pricing"
)

// unsigned lists the manifests without a signature that is one, but for that of the
// day that the world has and no run of the test looks at.
func (w *testWorld) unsigned(t *testing.T, key ed25519.PrivateKey) (out []string) {
	t.Helper()
	for o, err := range w.out.List(t.Context(), "runs/", "") {
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(o.Key, "/")
		if parts[len(parts)-1] != "manifest.json" {
			continue
		}
		if parts[2] == "2026-12-01" {
			continue
		}
		if _, err := w.out.Stat(t.Context(), strings.TrimSuffix(o.Key, ".json")+".sig.json"); err != nil {
			out = append(out, o.Key)
		}
	}
	reports, err := w.pipeline(t).Verify(t.Context(), VerifyOptions{All: true, Keys: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if r.Period == "2026-12-01" {
			continue
		}
		for _, f := range r.Faults {
			out = append(out, f.Key+" "+f.Where+": "+f.Found)
		}
	}
	return out
}

// A signature is made after the commit, so that a process may die in between, and a
// key may be given to a store that had none: any run of the period makes it, whatever
// the mark of the period says.
func TestSign_AnyRunMakesASignatureThatIsMissing(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	runs := func(t *testing.T, recompute bool) func(ctx context.Context, p *Pipeline) error {
		o := allDue
		o.Recompute = recompute
		return func(ctx context.Context, p *Pipeline) error {
			if _, err := p.Rollup(ctx, tinyDays, o); err != nil {
				return err
			}
			if _, err := p.Daily(ctx, []pricing.Date{lastOfOctober}, o); err != nil {
				return err
			}
			if _, err := p.Draft(ctx, october.Through(october), o); err != nil {
				return err
			}
			_, err := p.Monthly(ctx, october.Through(november), o)
			return err
		}
	}
	for name, recompute := range map[string]bool{"published": false, "unchanged": true} {
		t.Run("a death, "+name, func(t *testing.T) {
			w := newTinyWorld(t, november)
			w.options.Signing = key
			if recompute {
				if err := runs(t, false)(t.Context(), w.pipeline(t)); err != nil {
					t.Fatal(err)
				}
			}
			out := w.out
			for range 40 { // each run dies at the first signature that it makes
				w.out = faulty(t, out, "put 1 of manifest.sig.json stop")
				if err := runs(t, recompute)(t.Context(), w.pipeline(t)); err == nil {
					break
				}
			}
			w.out = out
			for range 2 {
				if err := runs(t, false)(t.Context(), w.pipeline(t)); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.unsigned(t, key); len(got) > 0 {
				t.Errorf("not signed:\n%s", strings.Join(got, "\n"))
			}
		})
	}
	t.Run("a key for a store that had none", func(t *testing.T) {
		w := newTinyWorld(t, november)
		for range 2 {
			if err := runs(t, false)(t.Context(), w.pipeline(t)); err != nil {
				t.Fatal(err)
			}
		}
		w.options.Signing = key
		if err := runs(t, false)(t.Context(), w.pipeline(t)); err != nil {
			t.Fatal(err)
		}
		for _, k := range w.unsigned(t, key) { // a month that is sealed looks at no rollup any more
			if !strings.Contains(k, "runs/rollup/") || strings.Contains(k, "runs/rollup/2026-10-31/") {
				t.Errorf("not signed: %s", k)
			}
		}
		count := w.counted(t)
		if err := runs(t, false)(t.Context(), w.pipeline(t)); err != nil || count.writes.Load() > 0 {
			t.Errorf("again: %v and %d writes", err, count.writes.Load())
		}
	})
}
