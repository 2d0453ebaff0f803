package api

import (
	"fmt"
	"testing"

	"daybook/sinks/documents"
)

// Items are kept up to a number of all accounts together; whoever comes after is
// kept too.
func TestComputeStacks_KeepsNoMoreItemsThanMayBe(t *testing.T) {
	f := newWorld(t).source.facts
	c := &computeStacks{most: 40}
	whole := make([]documents.ComputeStacksItem, c.most)
	for n := range 10 {
		c.keep(f, fmt.Sprint(n), whole[:c.most/4-1])
		c.keep(f, fmt.Sprint(n), whole[:1]) // by another request: it is there
		kept := 0
		for _, items := range c.itemsOf {
			kept += len(items)
		}
		if kept != c.kept || kept > c.most || c.itemsOf[fmt.Sprint(n)] == nil || n == 3 && len(c.itemsOf) != 4 {
			t.Fatalf("after %d accounts %d items of %d are kept, counted as %d", n+1, kept, len(c.itemsOf), c.kept)
		}
	}
	c.keep(f, "large", append(whole, whole[0]))
	if c.itemsOf["large"] != nil {
		t.Error("more items than may be are kept")
	}
}
