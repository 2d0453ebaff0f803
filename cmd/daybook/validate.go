package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"daybook/sources/book"
)

func newValidate(a *app) *cobra.Command {
	var books []string
	c := &cobra.Command{
		Use: "validate", Short: "Check the configuration, price book and registry", Args: cobra.NoArgs,
		Long: `Reads the configuration, the price book and the registry, and reports every mistake at once with its
file, line, column and remedy. With --book it checks price book files alone and needs no configuration.`,
		Example: `  daybook validate --config daybook.yaml
  daybook validate --book testdata/books/rokka.yaml`,
		RunE: func(c *cobra.Command, _ []string) error {
			if len(books) > 0 {
				return a.validateBooks(c, books)
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
				return usageError{err}
			}
			if a.json() {
				if err := printJSON(c.OutOrStdout(), summary); err != nil {
					return err
				}
			} else {
				fmt.Fprintln(c.OutOrStdout(), "valid:", summary)
				for _, problem := range summary.Problems {
					fmt.Fprintln(c.OutOrStdout(), "  will be parked:", problem)
				}
			}
			if len(summary.Problems) > 0 {
				return quietExit(exitRejected)
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&books, "book", nil, "check this price book file alone (repeatable)")
	return c
}

func (a *app) validateBooks(c *cobra.Command, paths []string) error {
	files := make([]book.File, 0, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return usageErrorf("read price book: %w", err)
		}
		files = append(files, book.File{Name: filepath.ToSlash(path), Content: content})
	}
	b, err := book.Parse(files)
	if err != nil {
		return usageError{err}
	}
	if a.json() {
		return printJSON(c.OutOrStdout(), map[string]any{"book": b.Name, "currency": b.Currency.Code, "versions": len(b.Versions)})
	}
	fmt.Fprintf(c.OutOrStdout(), "valid: book %s in %s, %d version(s)\n", b.Name, b.Currency.Code, len(b.Versions))
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
