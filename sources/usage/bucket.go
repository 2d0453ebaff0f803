package usage

import "math/bits"

// maxBuckets is the most ranges of holders that are aggregated apart: the groups of
// one fit the cache.
const maxBuckets = 64

// bucketsOf returns the bucket of each attribution entry's holder, and how many there
// are. Buckets ascend with holders, so that their rows one after the other are in the
// order of the output.
func (a *attribution) bucketsOf() (of []uint8, n int) {
	n = min(maxBuckets, max(1, len(a.holders)))
	of = make([]uint8, len(a.entries))
	for i := range a.entries {
		of[i] = uint8(uint64(a.whose[i].holder) * uint64(n) / uint64(len(a.holders)))
	}
	return of, n
}

// entrySet is a bit set of attribution entries; nil has none.
type entrySet []uint64

// emptySet has room for every entry, in the memory of a set that has done its service.
func (a *attribution) emptySet(memory entrySet) entrySet {
	return cleared(memory, (len(a.entries)+63)/64)
}

func (s entrySet) add(e uint32)      { s[e/64] |= 1 << (e % 64) }
func (s entrySet) has(e uint32) bool { return s != nil && s[e/64]>>(e%64)&1 == 1 }

// len is how many entries there are.
func (s entrySet) len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// addAll adds the entries of another set of as many.
func (s entrySet) addAll(o entrySet) {
	for i := range s {
		s[i] |= o[i]
	}
}
