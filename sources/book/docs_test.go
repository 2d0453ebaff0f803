package book

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/pricing"
)

func formats(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// yamlBlocks returns the books that the text holds.
func yamlBlocks(text string) []string {
	var out []string
	for _, part := range strings.Split(text, "```yaml\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		if strings.HasPrefix(block, "book:") {
			out = append(out, block)
		}
	}
	return out
}

// Every book that docs/formats.md prints is one, without a warning, and by the
// published schema.
func TestFormats_BooksAreValid(t *testing.T) {
	blocks := yamlBlocks(formats(t))
	if len(blocks) < 2 {
		t.Fatalf("%d books are printed", len(blocks))
	}
	for _, block := range blocks {
		_, warnings, err := Check([]File{{Name: "formats.md", Content: []byte(block)}})
		if err != nil || len(warnings) > 0 {
			t.Errorf("%v\n%v", err, warnings)
		}
		if err := validate(t, compiledSchema(t), block); err != nil {
			t.Error(err)
		}
	}
}

// The table of docs/formats.md has a line for each price of its book, and each
// line's figure is what a closing bills.
func TestFormats_FiguresArePriced(t *testing.T) {
	_, section, found := strings.Cut(formats(t), "### Every price with its figure")
	if !found {
		t.Fatal("the section is gone")
	}
	b, err := parseText(yamlBlocks(section)[0])
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(section, "|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	shown := map[string]bool{}
	line := regexp.MustCompile("^\\| `([a-z_]+)` \\| (.*) \\| .*\\*\\*([0-9.]+)\\*\\* \\|$")
	for row := range strings.Lines(table) {
		m := line.FindStringSubmatch(strings.TrimSpace(row))
		if m == nil {
			t.Errorf("%q has no price, usage and figure", row)
			continue
		}
		shown[m[1]] = true
		t.Run(m[1], func(t *testing.T) {
			f := apiFigure{Plan: "figures", Month: "2026-10", Lines: map[string]string{m[1]: m[3]}}
			f.use(t, b, m[1], m[2])
			w := apiWorld{figure: f, book: b}
			f.compareLines(t, w.invoice(t))
		})
	}
	for _, p := range b.Versions[0].Plans[0].Prices {
		if !shown[p.ID] {
			t.Errorf("price %s has no line in the table", p.ID)
		}
	}
}

// use turns "250", "9 and 15" (in two hours), "eu 10, us 4" (by dimension, or by
// meter), "400 in 5 events", "10.5 hours" (of a resource) and "6 months" (that one
// is bought for) into what a figure rates.
func (f *apiFigure) use(t *testing.T, b *pricing.Book, price, used string) {
	t.Helper()
	p := priceOf(t, b, 0, f.Plan, price)
	const noon = "2026-10-05T12:00:00Z"
	event := func(at, quantity, value string) {
		u := apiUsage{Meter: p.Meter, Time: at, Quantity: quantity}
		if value != "" {
			m, _ := b.Versions[0].MeterOf(p.Meter)
			u.Dimensions = map[string]string{m.By[0]: value}
		}
		f.Usage = append(f.Usage, u)
	}
	switch {
	case used == "nothing":
	case strings.HasSuffix(used, " months"):
		f.Resources = []apiResource{{Kind: p.Resource, SKU: used, Quantity: "1", Created: "2026-10-01T00:00:00Z"}}
	case strings.HasSuffix(used, " hours"):
		held, err := time.ParseDuration(strings.Replace(used, " hours", "h", 1))
		if err != nil {
			t.Fatal(err)
		}
		const created = "2026-10-01T00:00:00Z"
		deleted := moment(created).Add(held).Format(time.RFC3339)
		f.Resources = []apiResource{{Kind: p.Resource, Quantity: "1", Created: created, Deleted: deleted}}
	case strings.Contains(used, " in "):
		amount, events, _ := strings.Cut(strings.TrimSuffix(used, " events"), " in ")
		n, err := strconv.Atoi(events)
		if err != nil {
			t.Fatal(err)
		}
		event(noon, amount, "")
		for range n - 1 {
			event(noon, "0", "")
		}
	case strings.Contains(used, " and "):
		first, second, _ := strings.Cut(used, " and ")
		event(noon, first, "")
		event("2026-10-05T13:00:00Z", second, "")
	case strings.Contains(used, ", "):
		for part := range strings.SplitSeq(used, ", ") {
			value, quantity, _ := strings.Cut(part, " ")
			if m, _ := b.Versions[0].MeterOf(p.Meter); len(m.By) == 0 { // of several meters
				f.Usage = append(f.Usage, apiUsage{Meter: value, Time: noon, Quantity: quantity})
				continue
			}
			event(noon, quantity, value)
		}
	default:
		event(noon, used, "")
	}
}
