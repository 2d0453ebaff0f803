package registry

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daybook/sources/blob"
	"daybook/sources/blob/mem"
	"daybook/sources/parquet"
)

var update = flag.Bool("update", false, "write golden files")

// withFile is a registry whose other files are sound.
func withFile(f File) []File {
	files := []File{f}
	for _, other := range []File{{Name: "accounts.csv", Content: []byte(accountsCSV)}, {Name: "subscriptions.csv", Content: []byte(subscriptionsCSV)}} {
		kind, _ := KindOf(f.Name)
		if k, _ := KindOf(other.Name); k != kind {
			files = append(files, other)
		}
	}
	return files
}

func faultsOf(t *testing.T, f File, l Limits) *Errors {
	t.Helper()
	got, err := Parse(withFile(f), l)
	var faults *Errors
	if got != nil || !errors.As(err, &faults) {
		t.Fatalf("%s: snapshot %v, error %v", f.Name, got != nil, err)
	}
	return faults
}

// Each file of testdata/errors says what is wrong with it in the .txt beside it.
func TestParse_SaysEveryFaultWithItsLineAndRemedy(t *testing.T) {
	names, err := filepath.Glob("testdata/errors/*/*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".txt") {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		folder, base := filepath.Split(name)
		got := faultsOf(t, File{Name: filepath.Base(folder) + "/" + base, Content: content}, Limits{}).Error() + "\n"
		if *update {
			if err := os.WriteFile(name+".txt", []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestParse_KeepsAHundredFaultsAndCountsTheOthers(t *testing.T) {
	faults := faultsOf(t, File{Name: "accounts.csv", Content: []byte("id,bills\n" + strings.Repeat("a,perhaps\n", 250))}, Limits{})
	if len(faults.Faults) != 100 || faults.More != 150 {
		t.Errorf("%d faults and %d more, want 100 and 150", len(faults.Faults), faults.More)
	}
	if s := faults.Error(); !strings.HasPrefix(s, "the registry has 250 faults:") || !strings.HasSuffix(s, "\nand 150 more") {
		t.Errorf("message %q … %q", s[:30], s[len(s)-20:])
	}
	var one InputError
	if !errors.As(error(faults), &one) || one.Line != 2 || one.Field != "bills" {
		t.Errorf("first fault %+v", one)
	}
}

func TestParse_BoundsWhatItReads(t *testing.T) {
	wantReason := func(what string, f File, l Limits, reason string) {
		t.Helper()
		began := time.Now()
		faults := faultsOf(t, f, l)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s took %v", what, took)
		}
		for _, f := range faults.Faults {
			if strings.Contains(f.Reason, reason) {
				return
			}
		}
		t.Errorf("%s: %v, want %q", what, faults, reason)
	}
	bomb := gz(t, accountsCSV+strings.Repeat("\n", 64<<20))
	wantReason("a gzip bomb", File{Name: "accounts.csv.gz", Content: bomb}, Limits{}, "unfolds to more than 200 times its size")
	wantReason("a long gzip file", File{Name: "accounts.csv.gz", Content: bomb}, Limits{FileBytes: 1 << 20, GzipRatio: 1 << 30}, "more than 1048576 bytes")
	wantReason("a long file", File{Name: "accounts.csv", Content: []byte(accountsCSV + strings.Repeat("\n", 1<<16))}, Limits{FileBytes: 1 << 16}, "more than 65536 bytes")
	wantReason("many rows", File{Name: "accounts.ndjson", Content: []byte(strings.Repeat(`{"id":"a"}`+"\n", 12))}, Limits{Rows: 10}, "beyond the limit of 10 rows")
	wantReason("a long line", File{Name: "accounts.ndjson", Content: []byte(`{"id":"` + strings.Repeat("a", maxLine) + `"}`)}, Limits{}, "a line of more than 1 MiB")
	wantReason("deep JSON", File{Name: "accounts.ndjson", Content: []byte(`{"id":` + strings.Repeat("[", 1<<19))}, Limits{}, "not a JSON object")
	wantReason("a cut gzip file", File{Name: "accounts.csv.gz", Content: gz(t, strings.Repeat(accountsCSV, 1000))[:60]}, Limits{}, "damaged gzip file")
	wantReason("no gzip file", File{Name: "accounts.csv.gz", Content: []byte(accountsCSV)}, Limits{}, "not a gzip file")
	wantReason("an empty CSV file", File{Name: "accounts.csv"}, Limits{}, "no header line")
	wantReason("a foreign format", File{Name: "accounts.xlsx", Content: []byte("PK")}, Limits{}, "in no format that is read here")
	wantReason("no Parquet file", File{Name: "accounts.parquet", Content: []byte(accountsCSV)}, Limits{}, "")
}

func TestParse_RefusesWhatParquetColumnsCannotSay(t *testing.T) {
	faults := faultsOf(t, File{Name: "resources.parquet", Content: encode(t, 2,
		column("id", "r", "q"), column("account", "app", "app"), column("kind", "dyno", "dyno"), column("quantty", "1", "1"),
		parquet.Column{Name: "sku", Type: parquet.Bool, Ints: []int64{1, 0}},
		parquet.Column{Name: "created", Type: parquet.Int64, Ints: []int64{1, 2}},
	)}, Limits{})
	want := []string{
		"resources.parquet: quantty: is not a column of this file; did you mean `quantity`?",
		"resources.parquet, row 1: sku: is true where a text is wanted; write a text",
		"resources.parquet, row 1: created: is \"1\" where a time is wanted; " + remedyOfTimes,
		"resources.parquet, row 2: sku: is false where a text is wanted; write a text",
		"resources.parquet, row 2: created: is \"2\" where a time is wanted; " + remedyOfTimes,
	}
	var got []string
	for _, f := range faults.Faults {
		got = append(got, f.Error())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLoad_FindsFilesByTheirNames(t *testing.T) {
	put := func(s blob.Store, key, body string) {
		t.Helper()
		if _, err := s.Put(t.Context(), key, []byte(body), blob.Cond{}); err != nil {
			t.Fatal(err)
		}
	}
	s := mem.New("registry")
	put(s, "reg/accounts.csv", accountsCSV)
	if _, err := Load(t.Context(), s, "reg", Limits{}); err == nil || !strings.Contains(err.Error(), "no subscriptions: looked for subscriptions.ndjson") || !strings.Contains(err.Error(), `below "reg/" in mem://registry`) {
		t.Errorf("without subscriptions: %v", err)
	}
	put(s, "reg/subscriptions/part-0.csv", subscriptionsCSV)
	put(s, "reg/subscriptions/_SUCCESS", "")
	put(s, "reg/readme.txt", "hello")
	put(s, "reg-old/accounts.csv", "nonsense")
	for _, prefix := range []string{"reg", "reg/"} {
		got, err := Load(t.Context(), s, prefix, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Accounts) != 2 || len(got.Subscriptions) != 2 || len(got.Resources) != 0 || len(got.Files) != 2 || got.Files[1].Key != "reg/subscriptions/part-0.csv" {
			t.Errorf("%q: %d accounts, %d subscriptions, files %+v", prefix, len(got.Accounts), len(got.Subscriptions), got.Files)
		}
	}
	put(s, "reg/credits/2026.csv", "id,account,amount,currency,time\nc1,acme,5,CHF,2026-10-01\n")
	if got, err := Load(t.Context(), s, "reg", Limits{}); err != nil || len(got.Funds.Credits) != 1 {
		t.Errorf("with credits: %v", err)
	}
	if _, err := Load(t.Context(), s, "nothing", Limits{}); err == nil || !strings.Contains(err.Error(), "no accounts") {
		t.Errorf("an empty folder: %v", err)
	}
	put(s, "big/accounts.csv", accountsCSV)
	if _, err := Load(t.Context(), s, "big", Limits{FileBytes: 10}); !errors.Is(err, blob.ErrTooLarge) {
		t.Errorf("a big file: %v", err)
	}
}

func TestKindOf_NearestNameDecides(t *testing.T) {
	for name, want := range map[string]Kind{
		"accounts.csv": Accounts, "a/subscriptions.ndjson.gz": Subscriptions, "resources/2026/part.parquet": Resources,
		"accounts/x/resources/y.csv": Resources, "resources/accounts.csv": Accounts,
		"accounts/_SUCCESS": "", "accounts/.part.crc": "", "account.csv": "", "plans.yaml": "", "my-accounts.csv": "",
	} {
		if got, ok := KindOf(name); got != want || ok != (want != "") {
			t.Errorf("%s is %q %v, want %q", name, got, ok, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for i, s := range []string{accountsCSV, accountsNDJSON, subscriptionsCSV, subscriptionsNDJSON, resourcesCSV, resourcesNDJSON} {
		f.Add(byte(i), []byte(s))
	}
	for i, file := range parquetFiles(f) {
		f.Add(byte(6+i), file.Content)
	}
	names := []string{
		"accounts.csv", "accounts.ndjson", "subscriptions.csv", "subscriptions.ndjson", "resources.csv", "resources.ndjson",
		"accounts.parquet", "subscriptions.parquet", "resources.parquet", "accounts.csv.gz",
	}
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		got, err := Parse(withFile(File{Name: names[int(which)%len(names)], Content: content}), Limits{FileBytes: 1 << 20, Rows: 1000})
		var faults *Errors
		if (got == nil) == (err == nil) || err != nil && !errors.As(err, &faults) {
			t.Fatalf("snapshot %v, error %v", got, err)
		}
		if got == nil {
			return
		}
		for i, s := range got.Subscriptions {
			if s.ID == "" || s.Account == "" || s.Plan == "" || i > 0 && got.Subscriptions[i-1].ID > s.ID {
				t.Fatalf("subscription %d: %+v", i, s)
			}
		}
		for _, r := range got.Resources {
			if r.ID == "" || r.Kind == "" || r.Quantity.Sign() < 0 {
				t.Fatalf("resource %+v", r)
			}
		}
	})
}
