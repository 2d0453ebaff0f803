package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"daybook/cmd/daybook/world"
	"daybook/jobs"
	"daybook/sinks/api"
)

// demoSystem makes a small world of an outside system, bills it, and serves that
// system's API over it until it is interrupted.
func (a *app) demoSystem(c *cobra.Command, dir, name string, only bool) error {
	systems := world.Systems()
	w, ok := systems[name]
	if !ok {
		return usageErrorf("there is no system %q; the systems are %s", name, strings.Join(slices.Sorted(maps.Keys(systems)), ", "))
	}
	cfg, texts, err := writeSystem(dir, w)
	if err != nil {
		return err
	}
	stores, err := openStores(c.Context(), cfg)
	if err != nil {
		return err
	}
	p := a.newPipeline(c, stores, cfg, nil)
	outcomes, err := runSystem(c.Context(), p, w)
	if err != nil {
		return err
	}
	if a.json() {
		if err := printJSON(c.OutOrStdout(), outcomes); err != nil {
			return err
		}
	}
	if only {
		if !a.json() {
			fmt.Fprintf(c.OutOrStdout(), "A small world of %s is billed. Serve it with `daybook serve --config %s/daybook.yaml`.\n", w.Name, filepath.ToSlash(dir))
			tellSystem(c.OutOrStdout(), w, "http://"+cfg.serving.listen, texts)
		}
		return nil
	}
	return a.serveDemo(c, p, cfg, w, texts)
}

// systemConfig is the configuration of a system's world.
const systemConfig = `# A small world of %s. docs/configuration.md explains every key.
usage:
  at: bucket/usage
  layout: {partition: dt, means: event_day, zone: UTC}
registry: bucket/registry
book: bucket/book
out: bucket/out
start: %s
serve: {systems: [%s]}
%s
`

// writeSystem writes a world with its configuration and tokens, whose texts it
// returns by id.
func writeSystem(dir string, w world.System) (*config, map[string]string, error) {
	if err := clearDemo(dir, "tokens.ndjson"); err != nil {
		return nil, nil, err
	}
	settings := w.Settings
	if settings == "" {
		settings = "issuer: {name: " + w.Name + "}"
	}
	path := filepath.Join(dir, "daybook.yaml")
	if err := writeFile(path, fmt.Appendf(nil, systemConfig, w.Name, w.First.First(), w.Name, settings)); err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "bucket", "usage"), 0o755); err != nil { // a platform may bill without usage
		return nil, nil, err
	}
	err := w.Write(func(path string, body []byte) error {
		return writeFile(filepath.Join(dir, "bucket", filepath.FromSlash(path)), body)
	})
	if err != nil {
		return nil, nil, err
	}
	var list []api.Token
	texts := map[string]string{}
	for _, t := range w.Tokens {
		var scopes []api.Scope
		for _, s := range t.Scopes {
			scopes = append(scopes, api.Scope(s))
		}
		token, text, err := api.NewToken(t.ID, t.Account, scopes, rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		list, texts[t.ID] = append(list, token), text
	}
	if err := writeTokens(filepath.Join(dir, "tokens.ndjson"), list); err != nil {
		return nil, nil, err
	}
	cfg, err := loadConfig(path)
	return cfg, texts, err
}

// runSystem rates all days of a world and closes its months, as the scheduler
// would.
func runSystem(ctx context.Context, p *jobs.Pipeline, w world.System) ([]jobs.Outcome, error) {
	options := jobs.RunOptions{Now: w.Last.Next().Next().First().UTC()}
	last, closed := w.Last.Next().First().AddDays(-1), w.First.Through(w.Last)
	if w.Open {
		last, closed = w.LastDay, closed[:len(closed)-1]
	}
	first := w.First.First()
	if w.FirstDay != 0 {
		first = w.FirstDay
	}
	outcomes, err := p.Daily(ctx, jobs.Span{From: first, To: last}.Days(), options)
	if err != nil || len(closed) == 0 {
		return outcomes, err
	}
	monthly, err := p.Monthly(ctx, closed, options)
	return append(outcomes, monthly...), err
}

// serveDemo says what to ask and answers until it is interrupted.
func (a *app) serveDemo(c *cobra.Command, p *jobs.Pipeline, cfg *config, w world.System, texts map[string]string) error {
	list, err := readTokens(cfg.serving.tokens)
	if err != nil {
		return err
	}
	tokens, err := api.NewTokens(list)
	if err != nil {
		return err
	}
	log := a.logger(c.ErrOrStderr())
	handler, err := newAPI(p, cfg, tokens, log)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(c.Context(), "tcp", cfg.serving.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.serving.listen, err)
	}
	if !a.json() {
		base := "http://" + listener.Addr().String()
		fmt.Fprintf(c.OutOrStdout(), "A small world of %s is billed and served at %s (stop it with Ctrl-C).\n", w.Name, base)
		tellSystem(c.OutOrStdout(), w, base, texts)
	}
	return answer(c.Context(), listener, handler, log)
}

// tellSystem prints the tokens and requests to try.
func tellSystem(out io.Writer, w world.System, base string, texts map[string]string) {
	fmt.Fprintln(out, "\nTokens:")
	for _, t := range w.Tokens {
		who := t.Account
		if who == "" {
			who = "every account"
		}
		fmt.Fprintf(out, "  %s  (%s, %s)\n", texts[t.ID], who, strings.Join(t.Scopes, ", "))
	}
	if len(w.Tokens) > 0 {
		fmt.Fprintf(out, "\nTry:\n  export TOKEN=%s\n", texts[w.Tokens[0].ID])
	}
	for _, path := range w.Try {
		fmt.Fprintf(out, "  curl -s -H \"Authorization: Bearer $TOKEN\" '%s%s'\n", base, path)
	}
}

// clearDemo empties an earlier demo's folder, and refuses one that holds anything
// else.
func clearDemo(dir string, more ...string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("make demo: %w", err)
	}
	for _, e := range entries {
		if !slices.Contains(append(more, "daybook.yaml", "bucket"), e.Name()) {
			return usageErrorf("%s holds %q, which no demo made; name another folder with --dir", dir, e.Name())
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "bucket")); err != nil {
		return fmt.Errorf("make demo: %w", err)
	}
	return nil
}
