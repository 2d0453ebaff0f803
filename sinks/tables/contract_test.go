package tables

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"daybook/pricing"
	"daybook/pricing/columns"
	"daybook/pricing/money"
	"daybook/sources/parquet"
)

// Expected storage by the type's text in docs/tables.md, stated apart from the
// encoder's own mapping.
func wantField(c columns.Column) parquet.Field {
	f := parquet.Field{Name: c.Name, Nullable: c.Nullable}
	switch string(c.Type) {
	case "string":
		f.Kind, f.Logical = parquet.KindString, parquet.LogicalText
	case "date":
		f.Kind, f.Logical = parquet.KindInt32, parquet.LogicalDate
	case "timestamp":
		f.Kind, f.Logical, f.UTCAdjusted = parquet.KindInt64, parquet.LogicalTimestampMicros, true
	case "int64":
		f.Kind = parquet.KindInt64
	case "decimal(38,12)":
		f.Kind, f.Logical, f.Precision, f.Scale, f.Length = parquet.KindFixedBytes, parquet.LogicalDecimal, 38, 12, 16
	case "decimal(38,20)":
		f.Kind, f.Logical, f.Precision, f.Scale, f.Length = parquet.KindFixedBytes, parquet.LogicalDecimal, 38, 20, 16
	}
	return f
}

func storage(f parquet.Field) string {
	return fmt.Sprintf("%s: %s, %s, UTC %t, decimal(%d,%d), %d bytes, nullable %t, unsupported %q",
		f.Name, f.Kind, f.Logical, f.UTCAdjusted, f.Precision, f.Scale, f.Length, f.Nullable, f.Unsupported)
}

func open(t *testing.T, body []byte) *parquet.File {
	t.Helper()
	f, err := parquet.Open("test.parquet", bytes.NewReader(body), int64(len(body)), parquet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTables_FilesHaveExactlyTheColumnsOfTheContract(t *testing.T) {
	for what, encoders := range map[string]map[string]func() ([]byte, error){"with rows": samples(), "empty": empties()} {
		if len(encoders) != len(columns.Tables) {
			t.Errorf("%d encoders for %d tables", len(encoders), len(columns.Tables))
		}
		for _, table := range columns.Tables {
			encode, ok := encoders[table.Name]
			if !ok {
				t.Errorf("%s has no encoder", table.Name)
				continue
			}
			body, err := encode()
			if err != nil {
				t.Errorf("%s %s: %v", table.Name, what, err)
				continue
			}
			fields := open(t, body).Fields()
			if len(fields) != len(table.Columns) {
				t.Errorf("%s %s has %d columns, want %d", table.Name, what, len(fields), len(table.Columns))
				continue
			}
			for i, c := range table.Columns {
				if got, want := storage(fields[i]), storage(wantField(c)); got != want {
					t.Errorf("%s %s: column %d is\n%s\nwant\n%s", table.Name, what, i, got, want)
				}
			}
			if _, err := readFrame(table, "test.parquet", body); err != nil {
				t.Errorf("%s %s cannot be read back: %v", table.Name, what, err)
			}
		}
	}
}

func TestTables_PartitionAndSortColumnsExist(t *testing.T) {
	for _, table := range columns.Tables {
		for i, name := range table.Partition {
			if table.Columns[i].Name != name {
				t.Errorf("%s: partition column %s is not column %d", table.Name, name, i)
			}
		}
		if slices.Contains(sortOrder(table), -1) || len(sortOrder(table)) != len(table.Columns) {
			t.Errorf("%s: SortedBy %v names a column that is not there, or one twice", table.Name, table.SortedBy)
		}
	}
}

func TestSheet_RefusesColumnsThatTheContractDoesNotHave(t *testing.T) {
	for what, fill := range map[string]func(s *sheet){
		"another name":    func(s *sheet) { s.constant("month", "2026-10") },
		"another type":    func(s *sheet) { s.ints("period", nil) },
		"too few columns": func(s *sheet) { s.constant("period", "2026-10") },
		"too few rows":    func(s *sheet) { s.dictionary("period", pricing.Strings{Index: []int32{0}}) },
		"a bad index":     func(s *sheet) { s.dictionary("period", pricing.Strings{Index: []int32{1, 0}, Values: []string{"x"}}) },
	} {
		s := newSheet(columns.ParkedAccounts, 2, func(int) string { return "row" })
		fill(s)
		if body, err := s.encode(); err == nil {
			t.Errorf("%s: %d bytes were written", what, len(body))
		}
	}
}

func TestEncode_WhatDoesNotFitNamesTheRow(t *testing.T) {
	row := costRow()
	row.CumulativeTotal = a("1000000000000000000") // 10^18: 39 digits at 20 places
	_, err := EncodeDailyCosts([]pricing.CostRow{costRow(), row})
	if !errors.Is(err, money.ErrOverflow) {
		t.Fatalf("error %v, want overflow", err)
	}
	for _, part := range []string{"daily_costs", `"globex-web"`, `"traffic"`, "2026-10-01", "cumulative_total"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %s", err, part)
		}
	}
	row.CumulativeTotal = a("999999999999999999.99999999999999999999") // 38 nines fit
	if _, err := EncodeDailyCosts([]pricing.CostRow{row}); err != nil {
		t.Errorf("38 nines: %v", err)
	}
	b := batchOf(states())
	b.Max[1] = money.Int128{Lo: ^uint64(0), Hi: 1<<63 - 1}
	if _, err := EncodeUsageDaily(b, units); !errors.Is(err, money.ErrOverflow) || !strings.Contains(err.Error(), `account "acme", subscription "s1", meter "traffic"`) {
		t.Errorf("error %v, want an overflow that names the row", err)
	}
}

func TestStates_BoundIs38Nines(t *testing.T) {
	want, _ := new(big.Int).SetString(strings.Repeat("9", 38), 10)
	if maxState.Big().Cmp(want) != 0 || minState.Big().Cmp(want.Neg(want)) != 0 {
		t.Errorf("bounds are %s and %s", minState.Big(), maxState.Big())
	}
}

func TestEncode_TextThatIsNotUTF8NamesTheRow(t *testing.T) {
	row := costRow()
	row.Plan = "caf\xe9"
	_, err := EncodeDailyCosts([]pricing.CostRow{costRow(), row})
	if err == nil || !strings.Contains(err.Error(), "plan_id") || !strings.Contains(err.Error(), "globex-web") {
		t.Errorf("error %v, want one that names the account and plan_id", err)
	}
}

// Half-even at the last place is the rule of docs/formats.md and
// docs/billing-rules.md.
func TestEncode_RoundsHalfEvenAtTheLastPlace(t *testing.T) {
	for _, c := range []struct{ quantity, wantQuantity, amount, wantAmount string }{
		{"0.0000000000005", "0", "0.000000000000000000005", "0"},
		{"0.0000000000015", "0.000000000002", "0.000000000000000000015", "0.00000000000000000002"},
		{"-0.0000000000025", "-0.000000000002", "-0.000000000000000000025", "-0.00000000000000000002"},
		{"0.00000000000251", "0.000000000003", "0.0000000000000000000251", "0.00000000000000000003"},
	} {
		row := costRow()
		row.Quantity, row.Subtotal = q(c.quantity), a(c.amount)
		body, err := EncodeDailyCosts([]pricing.CostRow{row})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := DecodeDailyCosts("test.parquet", body)
		if err != nil {
			t.Fatal(err)
		}
		if rows[0].Quantity.String() != c.wantQuantity || rows[0].Subtotal.String() != c.wantAmount {
			t.Errorf("%s and %s became %s and %s, want %s and %s", c.quantity, c.amount, rows[0].Quantity, rows[0].Subtotal, c.wantQuantity, c.wantAmount)
		}
	}
}
