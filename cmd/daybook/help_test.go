package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// Help fits a terminal of 100 columns, flags with their defaults included.
func TestHelp_FitsAHundredColumns(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		var out bytes.Buffer
		c.SetOut(&out)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
				t.Errorf("%s --help has %d columns: %s", c.CommandPath(), n, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	root := newRoot()
	root.InitDefaultHelpCmd()
	walk(root)
}

// Whatever a command reads that is damaged, it says how to go on.
func TestAdvised_DamageSaysWhatToDo(t *testing.T) {
	lost := blob.Fail("stat", "data/monthly/2026-10/r000001/invoices.x.parquet", "s3://out", blob.ErrNotFound)
	other := blob.Fail("stat", "dt=2026-10-05/_SUCCESS", "s3://usage", blob.ErrNotFound)
	for from, want := range map[error]bool{fmt.Errorf("read invoices: %w", publish.ErrDamaged): true, lost: true, other: false, errors.New("else"): false} {
		err := advised(t.Context(), from)
		if !errors.Is(err, from) || strings.Contains(err.Error(), "`daybook verify` names all that is damaged") != want {
			t.Errorf("%v becomes %v: want the remedy %t", from, err, want)
		}
	}
}

func TestReflow_FillsParagraphsAndLeavesIndentedLines(t *testing.T) {
	long := strings.Repeat("word ", 25)
	want := strings.TrimSpace(strings.Repeat("word ", 20)) + "\n" + strings.TrimSpace(strings.Repeat("word ", 5)) + "\n\n  as it\n   stands"
	if got := reflow(long + "\n\n  as it\n   stands"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
