package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/sources/book"
	"daybook/sources/registry"
)

func newValidate(a *app) *cobra.Command {
	var books []string
	var strict bool
	c := &cobra.Command{
		Use: "validate", Short: "Check the configuration, price book and registry", Args: cobra.NoArgs,
		Long: `Reads the configuration, the price book and the registry, and reports every mistake at once with its
file, line, column and remedy. With --book it checks price book files alone and needs no configuration.

Errors are what cannot be billed; they exit 2. Warnings are what can be billed and is hardly meant: a meter
that no price uses, a plan that a later version leaves out, names that look alike, a resource of a kind
that has no price. They exit 0, or 2 with --strict. What in the registry will park its accounts exits 4.
With -o json all of it is one JSON value.`,
		Example: `  daybook validate --config daybook.yaml
  daybook validate --book testdata/books/rokka.yaml --strict
  daybook validate --book book.yaml -o json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(books) > 0 {
				return a.validateBooks(c, books, strict)
			}
			p, _, err := a.pipeline(c)
			if err != nil {
				return err
			}
			summary, err := p.Validate(c.Context())
			if isStoreFault(err) {
				return err
			}
			if err != nil {
				return a.invalid(c, err)
			}
			if a.json() {
				if err := printJSON(c.OutOrStdout(), verdict{Valid: true, Summary: summary}); err != nil {
					return err
				}
			} else {
				fmt.Fprintln(c.OutOrStdout(), "valid:", summary)
				printWarnings(c.OutOrStdout(), summary.Warnings)
				for _, row := range summary.Idle {
					fmt.Fprintln(c.OutOrStdout(), "warning:", row)
				}
				for _, problem := range summary.Problems {
					fmt.Fprintln(c.OutOrStdout(), "  will be parked:", problem)
				}
			}
			if strict && len(summary.Warnings)+len(summary.Idle) > 0 {
				return quietExit(exitUsage)
			}
			if len(summary.Problems) > 0 {
				return quietExit(exitRejected)
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&books, "book", nil, "check this price book file alone (repeatable)")
	c.Flags().BoolVar(&strict, "strict", false, "warnings are errors: exit 2")
	return c
}

// verdict is what validate says with -o json of what is valid.
type verdict struct {
	Valid bool `json:"valid"`
	jobs.Summary
}

// refusal is what validate says with -o json of what is not.
type refusal struct {
	Valid  bool  `json:"valid"`
	Errors any   `json:"errors"`         // file, line, column or row, field, reason and remedy of each
	More   int64 `json:"more,omitempty"` // errors that are only counted
}

// invalid reports what cannot be billed. With -o json the errors of a book or a
// registry are part of the result, so that a program need not read prose.
func (a *app) invalid(c *cobra.Command, err error) error {
	var inBook book.Errors
	var inRegistry *registry.Errors
	var found refusal
	switch {
	case !a.json():
		return usageError{err}
	case errors.As(err, &inBook):
		found.Errors = inBook
	case errors.As(err, &inRegistry):
		found.Errors, found.More = inRegistry.Faults, inRegistry.More
	default:
		return usageError{err}
	}
	if err := printJSON(c.OutOrStdout(), found); err != nil {
		return err
	}
	return quietExit(exitUsage)
}

func printWarnings(w io.Writer, warnings []book.Problem) {
	for _, p := range warnings {
		fmt.Fprintln(w, "warning:", p)
	}
}

func (a *app) validateBooks(c *cobra.Command, paths []string, strict bool) error {
	files := make([]book.File, 0, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return usageErrorf("read price book: %w", err)
		}
		files = append(files, book.File{Name: filepath.ToSlash(path), Content: content})
	}
	b, warnings, err := book.Check(files)
	if err != nil {
		return a.invalid(c, err)
	}
	if a.json() {
		found := map[string]any{"valid": true, "book": b.Name, "currency": b.Currency.Code, "versions": len(b.Versions)}
		if len(warnings) > 0 {
			found["warnings"] = warnings
		}
		if err := printJSON(c.OutOrStdout(), found); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(c.OutOrStdout(), "valid: book %s in %s, %s\n", b.Name, b.Currency.Code, counted(len(b.Versions), "version"))
		printWarnings(c.OutOrStdout(), warnings)
	}
	if strict && len(warnings) > 0 {
		return quietExit(exitUsage)
	}
	return nil
}

func newBook(a *app) *cobra.Command {
	c := &cobra.Command{Use: "book", Short: "About price books", Example: "  daybook book schema > book.schema.json"}
	c.AddCommand(&cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a price book", Args: cobra.NoArgs,
		Long:    "Prints the JSON Schema (draft 2020-12) of a price book, for editors that complete and check YAML.",
		Example: "  daybook book schema > book.schema.json",
		RunE: func(c *cobra.Command, _ []string) error {
			schema, err := book.Schema()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(append(schema, '\n'))
			return err
		},
	})
	return c
}
