package mem_test

import (
	"testing"

	"daybook/sources/blob"
	"daybook/sources/blob/blobtest"
	"daybook/sources/blob/mem"
)

func TestConformance(t *testing.T) {
	blobtest.Run(t, func(*testing.T) blob.Store { return mem.New("test") })
}
