package blob_test

import (
	"encoding/hex"
	"testing"

	"daybook/sources/blob"
)

func TestAlgorithm_AgreesWithPublishedCheckValues(t *testing.T) {
	// The CRCs of "123456789" are the "check" values of the CRC RevEng catalogue
	// (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME); the hashes are of "abc", from
	// FIPS 180-4's examples.
	for _, c := range []struct {
		algorithm  blob.Algorithm
		text, want string
	}{
		{blob.CRC32, "123456789", "cbf43926"},
		{blob.CRC32C, "123456789", "e3069283"},
		{blob.CRC64NVME, "123456789", "ae8b14860a799888"},
		{blob.SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{blob.SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	} {
		h := c.algorithm.New()
		h.Write([]byte(c.text))
		if got := hex.EncodeToString(h.Sum(nil)); got != c.want {
			t.Errorf("%s of %q = %s, want %s", c.algorithm, c.text, got, c.want)
		}
	}
	if blob.Algorithm("MD6").New() != nil {
		t.Error("an unknown algorithm has a hash")
	}
}
