package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"daybook/sources/blob"
)

// check is one thing that doctor looked at.
type check struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Check the configuration, the stores and their guarantees", Args: cobra.NoArgs,
		Long: `Opens every place of the configuration, reads the price book and the registry, and tests on a probe
object that the output store keeps put conditions: a second put-if-absent and a stale If-Match must be
refused. A store that fails is refused by every job too (exit code 6).`,
		Example: "  daybook doctor --config daybook.yaml",
		RunE: func(c *cobra.Command, _ []string) error {
			p, cfg, err := a.pipeline(c)
			if err != nil {
				return err
			}
			checks := []check{{"configuration", true, cfg.path}}
			var failed error
			add := func(name, detail string, err error) {
				if err != nil {
					detail = err.Error()
					if failed == nil {
						failed = err
					}
				}
				checks = append(checks, check{name, err == nil, detail})
			}
			for _, place := range p.Places() {
				add(place.Name, place.Store.URL(), reachable(c, place.Store))
			}
			add("put conditions of out", "kept", p.Probe(c.Context()))
			summary, err := p.Validate(c.Context())
			add("book and registry", summary.String(), err)
			if err := a.printChecks(c, checks); err != nil {
				return err
			}
			if failed != nil {
				return quietExit(exitCode(failed))
			}
			return nil
		},
	}
}

// reachable lists the first object of a store.
func reachable(c *cobra.Command, store blob.Store) error {
	for _, err := range store.List(c.Context(), "", "") {
		return err
	}
	return nil
}

func (a *app) printChecks(c *cobra.Command, checks []check) error {
	if a.json() {
		return printJSON(c.OutOrStdout(), checks)
	}
	for _, k := range checks {
		mark := "ok  "
		if !k.OK {
			mark = "FAIL"
		}
		fmt.Fprintf(c.OutOrStdout(), "%s  %s: %s\n", mark, k.Check, k.Detail)
	}
	return nil
}
