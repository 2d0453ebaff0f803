package mem_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/mem"
)

func TestConformance(t *testing.T) {
	blobtest.Run(t, func(*testing.T) blob.Store { return mem.New("test") })
}

// A listing shows what stands, in order, whatever was put and deleted before it.
func TestList_FollowsPutsAndDeletes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s, stands := mem.New("test"), map[string]bool{}
	for range 3000 {
		key := fmt.Sprintf("%c/%d", 'a'+rune(random.IntN(3)), random.IntN(20))
		switch random.IntN(4) {
		case 0:
			delete(stands, key)
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		case 1:
			prefix, after := key[:random.IntN(len(key)+1)], fmt.Sprintf("%c/%d", 'a'+rune(random.IntN(3)), random.IntN(20))
			var got, want []string
			for o, err := range s.List(t.Context(), prefix, after) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, o.Key)
			}
			for _, k := range slices.Sorted(maps.Keys(stands)) {
				if strings.HasPrefix(k, prefix) && k > after {
					want = append(want, k)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("under %q after %q: %q, want %q", prefix, after, got, want)
			}
		case 2:
			s = s.Clone()
		default:
			stands[key] = true
			if _, err := s.Put(t.Context(), key, []byte("x"), blob.Cond{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
