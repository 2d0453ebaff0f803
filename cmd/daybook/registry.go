package main

import (
	"github.com/spf13/cobra"

	"daybook/sources/registry"
)

func newRegistry(*app) *cobra.Command {
	var of string
	c := &cobra.Command{Use: "registry", Short: "About registry files", Example: "  daybook registry schema --of subscriptions"}
	schema := &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of a row of a registry file", Args: cobra.NoArgs,
		Long: `Prints the JSON Schema (draft 2020-12) of one line of an NDJSON file of the registry. CSV and Parquet
files have the same columns.`,
		Example: "  daybook registry schema --of accounts > account.schema.json",
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := registry.Schema(registry.Kind(of))
			if err != nil {
				return usageErrorf("--of: %w", err)
			}
			_, err = c.OutOrStdout().Write(append(b, '\n'))
			return err
		},
	}
	schema.Flags().StringVar(&of, "of", string(registry.Subscriptions), "kind of file: accounts, subscriptions, resources, credits, payments, adjustments, taxes or levels")
	c.AddCommand(schema)
	return c
}
