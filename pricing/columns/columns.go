// Package columns holds the contracts of Daybook's published tables: names,
// types, units and meanings, and nothing about how they are encoded. What these
// lists say is what other people's queries rely on.
package columns

// Type is a column's type.
type Type string

// The types that our tables use.
const (
	String   Type = "string"
	Date     Type = "date"           // calendar day
	Time     Type = "timestamp"      // UTC instant, microseconds
	Int      Type = "int64"          //
	Quantity Type = "decimal(38,12)" // quantities and levels
	Money    Type = "decimal(38,20)" // amounts and unit prices
)

// Column is one column of a table.
type Column struct {
	Name     string
	Type     Type
	Nullable bool
	Unit     string // of the values, "" when none
	Doc      string // one sentence for people
}

// Table is one published table. Partition columns stand in the files too.
type Table struct {
	Name      string
	Partition []string // the partition columns, first of Columns, in path order
	Doc       string
	SortedBy  []string
	Columns   []Column
}
