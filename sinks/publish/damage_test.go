package publish

import (
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
)

func TestDamage_EveryFlippedBitOfAManifestOrPlanIsNoticed(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	p := New(store, Options{Engine: "v1"})
	for _, key := range []string{manifestKey("daily", "2026-10-01", 1), planKey("daily", "2026-10-01", 1), tableManifestKey("daily_costs")} {
		good := content1(t, store, key)
		for at := range len(good) {
			bad := []byte(good)
			bad[at] ^= 1 << (at % 8)
			overwrite(t, store, key, bad)
			var err error
			switch {
			case strings.HasSuffix(key, manifestName) && strings.HasPrefix(key, "runs/"):
				_, err = p.Decided(t.Context(), "daily", "2026-10-01")
			case strings.HasSuffix(key, planName):
				_, err = p.Plan(t.Context(), "daily", "2026-10-01", 1)
			default:
				_, err = p.Table(t.Context(), "daily_costs")
			}
			is(t, err, ErrDamaged)
		}
		for size := range len(good) {
			overwrite(t, store, key, []byte(good[:size]))
			if strings.HasSuffix(key, planName) {
				_, err := p.Plan(t.Context(), "daily", "2026-10-01", 1)
				is(t, err, ErrDamaged)
			}
		}
		overwrite(t, store, key, []byte(good))
	}
}

func overwrite(t *testing.T, store blob.Store, key string, body []byte) {
	t.Helper()
	if _, err := store.Put(t.Context(), key, body, blob.Cond{}); err != nil {
		t.Fatal(err)
	}
}

func TestDamage_AnObjectIsNeitherReadNorPublished(t *testing.T) {
	store := mem.New("out")
	m := daily("1").must(t, store)
	p := New(store, Options{Engine: "v1"})
	before := dump(t, store)
	for _, o := range m.Objects {
		bad := []byte(before[o.Key])
		bad[0] ^= 1
		for _, body := range [][]byte{bad, bad[1:], append([]byte("x"), bad...)} {
			overwrite(t, store, o.Key, body)
			_, err := p.ReadObject(t.Context(), o)
			is(t, err, ErrDamaged)
			if o.Role == RoleTable {
				if err := store.Delete(t.Context(), partKey(o.Table, o.Partition)); err != nil {
					t.Fatal(err)
				}
				is(t, p.Advance(t.Context(), m), ErrDamaged)
				if _, err := store.Stat(t.Context(), partKey(o.Table, o.Partition)); !absent(err) {
					t.Errorf("%s was published", o.Key)
				}
			}
			// A later run of the same bytes must not take the damage for its own.
			r, err := New(store, Options{Engine: "v1"}).Begin(t.Context(), daily("1").identity(), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Revision = 1
			if _, _, err := daily("1").compute(t.Context(), r); err == nil || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("%s: error is %v", o.Key, err)
			}
		}
		overwrite(t, store, o.Key, []byte(before[o.Key]))
	}
	if err := p.Advance(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestDamage_AStoreThatCorruptsAPutIsNoticedByTheNextReader(t *testing.T) {
	store := mem.New("out")
	_, _, err := daily("1").run(t.Context(), faulty(t, store, "put 1 of daily_costs. corrupt"))
	is(t, err, ErrDamaged)
	for key := range dump(t, store) {
		if strings.HasPrefix(key, "current/tables/daily_costs/") {
			t.Errorf("%s was published", key)
		}
	}
}

func TestDamage_AManifestThatIsGoneIsNotDecidedAgain(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	daily("2").must(t, store)
	if err := store.Delete(t.Context(), manifestKey("daily", "2026-10-01", 1)); err != nil {
		t.Fatal(err)
	}
	_, _, err := daily("3").run(t.Context(), store)
	is(t, err, ErrDamaged)
	if !strings.Contains(err.Error(), "r000001 has none") {
		t.Errorf("error is %v", err)
	}
}

func TestDamage_AManifestInAnothersPlaceIsRefused(t *testing.T) {
	store := mem.New("out")
	daily("1").must(t, store)
	moved := content1(t, store, manifestKey("daily", "2026-10-01", 1))
	overwrite(t, store, manifestKey("daily", "2026-10-02", 1), []byte(moved))
	_, err := New(store, Options{}).Decided(t.Context(), "daily", "2026-10-02")
	is(t, err, ErrDamaged)
}

func TestFormat_OfALaterVersionIsRefused(t *testing.T) {
	store := mem.New("out")
	m := daily("1").must(t, store)
	m.Format = 2
	body, err := encodeChecked(m)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, store, manifestKey("daily", "2026-10-01", 1), body)
	_, err = New(store, Options{}).Decided(t.Context(), "daily", "2026-10-01")
	if err == nil || !strings.Contains(err.Error(), "format is 2") {
		t.Errorf("error is %v", err)
	}
}
