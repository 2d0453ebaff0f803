package blob_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/sources/blob"
)

func TestValidKey_TakesTheProtocolsKeys(t *testing.T) {
	for _, key := range []string{
		"runs/daily/2026-10-31/r000001/plan.json",
		"data/x/" + strings.Repeat("0", 64) + ".parquet",
		"current/tables/usage/_manifest.json",
		"a", "...", "a b", "dt=2026-10-31/part-0.parquet", "日本", "%", ".hidden",
		strings.Repeat("k", blob.MaxKeyBytes),
	} {
		if err := blob.ValidKey(key); err != nil {
			t.Errorf("key %q is refused: %v", key, err)
		}
	}
}

func TestValidKey_RefusesWhatCouldMeanAnotherObject(t *testing.T) {
	for _, key := range []string{
		"", "/a", "a/", "a//b", ".", "a/..", "../a", "./a", `a\b`, "a\x00", "a\r\nb", "a\x7f",
		"\xff", strings.Repeat("k", blob.MaxKeyBytes+1), "a/" + blob.TempPrefix + "/b",
	} {
		if err := blob.ValidKey(key); !errors.Is(err, blob.ErrBadKey) {
			t.Errorf("key %q: got %v, want ErrBadKey", key, err)
		}
	}
}

func TestEscapeID_WritesPercentAndTwoHexDigits(t *testing.T) {
	for id, want := range map[string]string{ // RFC 3986, section 2.1, over a smaller set of plain bytes
		"acme-1_b.c": "acme-1_b.c",
		"":           "%",
		"%":          "%25",
		".":          "%2E",
		"..":         "%2E.",
		"../x":       "%2E.%2Fx",
		"a/b\\c":     "a%2Fb%5Cc",
		"é\x00\xff":  "%C3%A9%00%FF",
		"=1+1 ~":     "%3D1%2B1%20%7E",
	} {
		if got := blob.EscapeID(id); got != want {
			t.Errorf("EscapeID(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestEscapeID_IsReversibleAndOneValidSegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := string(rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "id"))
		segment := blob.EscapeID(id)
		if err := blob.ValidKey("ids/" + segment); err != nil || strings.Contains(segment, "/") {
			t.Fatalf("segment %q of id %q: %v", segment, id, err)
		}
		if back, err := blob.UnescapeID(segment); err != nil || back != id {
			t.Fatalf("id %q came back as %q, %v", id, back, err)
		}
	})
}

func TestUnescapeID_RefusesWhatEscapeIDNeverWrites(t *testing.T) {
	for _, segment := range []string{"", ".a", "%2e", "%41", "%4", "a%", "%%", "a b", "é", "a/b", "%GG"} {
		if id, err := blob.UnescapeID(segment); !errors.Is(err, blob.ErrBadKey) {
			t.Errorf("UnescapeID(%q) = %q, %v; want ErrBadKey", segment, id, err)
		}
	}
}
