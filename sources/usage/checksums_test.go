package usage

import (
	"strings"
	"testing"
)

func TestParseChecksums_ReadsWhatSha256sumAndBSDWrite(t *testing.T) {
	a, b := strings.Repeat("a1", 32), strings.Repeat("b2", 32)
	text := "# made by the exporter\n" + a + "  part 0.parquet\r\n" + strings.ToUpper(b) + " *sub/../part-1.parquet\n\n" + "SHA256 (./part-2.parquet) = " + a + "\n"
	sums, err := parseChecksums("dt=2026-10-05/SHA256SUMS", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"dt=2026-10-05/part 0.parquet": a, "dt=2026-10-05/part-1.parquet": b, "dt=2026-10-05/part-2.parquet": a,
	} {
		if got, ok := sums.digestOf(key, "dt=2026-10-05/SHA256SUMS"); !ok || got != want {
			t.Errorf("%s has %q, %v; want %s", key, got, ok, want)
		}
	}
	if sum, ok := sums.digestOf("dt=2026-10-05/other.parquet", "dt=2026-10-05/SHA256SUMS"); ok {
		t.Errorf("a file that is not listed has digest %s", sum)
	}
}

func TestParseChecksums_AFilesOwnNeedsNoName(t *testing.T) {
	sum := strings.Repeat("c3", 32)
	for _, text := range []string{sum, sum + "\n", sum + "  /home/exporter/out.parquet\n"} {
		sums, err := parseChecksums("a/x.parquet.sha256", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := sums.digestOf("a/x.parquet", "a/x.parquet.sha256"); !ok || got != sum {
			t.Errorf("%q gives %q, %v", text, got, ok)
		}
	}
	two, err := parseChecksums("a/x.parquet.sha256", []byte(sum+"  y\n"+sum+"  z\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := two.digestOf("a/x.parquet", "a/x.parquet.sha256"); ok {
		t.Errorf("two lines of other files give %q", got)
	}
}

func TestParseChecksums_PassesOverNothing(t *testing.T) {
	sum := strings.Repeat("0", 64)
	for text, want := range map[string]string{
		"hello":                          "line 1 of",
		"\n" + sum[1:] + "  a":           "line 2 of",
		sum + "-a":                       "line 1 of",
		sum + "\ta":                      "line 1 of",
		"SHA256 (a) " + sum:              "line 1 of",
		sum + "  a\n1" + sum[1:] + "  a": "a second digest",
	} {
		if _, err := parseChecksums("SHA256SUMS", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestChecksumFiles_AreKnownByTheirNames(t *testing.T) {
	for key, want := range map[string]bool{
		"a/SHA256SUMS": true, "sha256sums": true, "x/_SHA256SUMS": true, "a/b.parquet.sha256": true,
		"a/b.parquet": false, "a/SHA256SUMS.parquet": false, "a/.sha256": false, "SHA256SUMS/a.parquet": false,
	} {
		if got := IsChecksumFile(key); got != want {
			t.Errorf("IsChecksumFile(%q) = %v", key, got)
		}
	}
	known := map[string]bool{"d/a.parquet.sha256": true, "d/SHA256SUMS": true, "SHA256SUMS": true}
	if got := strings.Join(ChecksumFilesOf("d/a.parquet", known), " "); got != "d/a.parquet.sha256 d/SHA256SUMS" {
		t.Errorf("d/a.parquet has %s", got)
	}
	if got := strings.Join(ChecksumFilesOf("b.parquet", known), " "); got != "SHA256SUMS" {
		t.Errorf("b.parquet has %s", got)
	}
}
