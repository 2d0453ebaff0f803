package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"daybook/sinks/api"
)

type serveConfig struct {
	Listen  string   `yaml:"listen"`
	Systems []string `yaml:"systems"`
	Tokens  string   `yaml:"tokens"`
	Refresh string   `yaml:"refresh"`
}

// serving is the checked part of a configuration that `daybook serve` needs.
type serving struct {
	listen  string
	systems []api.System
	tokens  string // path of the token file
	refresh time.Duration
}

// defaultListen is where `daybook serve` listens: on this machine alone.
const defaultListen = "127.0.0.1:8686"

func (c *config) checkServe() error {
	s := c.file.Serve
	out := serving{listen: defaultListen, refresh: 10 * time.Second, tokens: "tokens.ndjson"}
	if s.Listen != "" {
		out.listen = s.Listen
	}
	if _, _, err := net.SplitHostPort(out.listen); err != nil {
		return fmt.Errorf("serve.listen: %q; write an address and a port such as %s", out.listen, defaultListen)
	}
	if s.Tokens != "" {
		out.tokens = s.Tokens
	}
	if !filepath.IsAbs(out.tokens) {
		out.tokens = filepath.Join(filepath.Dir(c.path), out.tokens)
	}
	if s.Refresh != "" {
		d, err := time.ParseDuration(s.Refresh)
		if err != nil || d < time.Second || d > 24*time.Hour {
			return fmt.Errorf("serve.refresh: %q; write a time from 1s on, such as 10s", s.Refresh)
		}
		out.refresh = d
	}
	var err error
	if out.systems, err = systemsNamed(s.Systems); err != nil {
		return fmt.Errorf("serve.systems: %w", err)
	}
	if len(c.file.Documents) > 0 { // none is none here
		if c.systems, err = systemsNamed(c.file.Documents); err != nil {
			return fmt.Errorf("documents: %w", err)
		}
	}
	c.serving = out
	return nil
}

// systemsNamed returns the systems of the names; none are all.
func systemsNamed(names []string) ([]api.System, error) {
	all := api.Systems()
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("there is no system %q; the systems are %v", n, known)
		}
	}
	return slices.DeleteFunc(all, func(s api.System) bool { return len(names) > 0 && !slices.Contains(names, s.Name) }), nil
}

// readTokens reads the token file; one that is not there holds none.
func readTokens(path string) ([]api.Token, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	tokens, err := api.ParseTokens(content)
	if err != nil {
		return nil, usageErrorf("%s: %w", path, err)
	}
	return tokens, nil
}
