package main

import (
	"fmt"
	"path"

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
		Long: `Opens every place of the configuration, sees whether usage lies where its layout says, reads the price
book and the registry, and tests on a probe object that the output store keeps put conditions: a second
put-if-absent and a stale If-Match must be refused. A store that fails is refused by every job too (exit
code 6).`,
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
				if place.Name == "usage" && failed == nil {
					detail, err := partitioned(c, place.Store, cfg.settings.Layout.Partition)
					add("usage layout", detail, err)
				}
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

// partitioned looks for usage where the layout says that it lies: under another
// name it would be passed over in silence, and months billed without it.
func partitioned(c *cobra.Command, store blob.Store, partition string) (string, error) {
	prefix := ""
	if partition != "" {
		prefix = partition + "="
	}
	for object, err := range store.List(c.Context(), prefix, "") {
		return "first file " + object.Key, err
	}
	for object, err := range store.List(c.Context(), "", "") {
		if err != nil {
			return "", err
		}
		if name := path.Base(object.Key); name[0] == '_' || name[0] == '.' {
			continue
		}
		return "", usageErrorf("nothing lies under %sYYYY-MM-DD/; the first file is %s: correct usage.layout.partition or usage.at", prefix, object.Key)
	}
	return "no usage yet", nil
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
