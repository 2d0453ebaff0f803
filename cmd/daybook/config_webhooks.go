package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"daybook/jobs"
	"daybook/pricing"
	"daybook/sinks/webhooks"
)

func (c *config) checkWebhooks() error {
	seen := map[string]bool{}
	for n, w := range c.file.Webhooks {
		key := fmt.Sprintf("webhooks[%d]", n)
		if w.ID == "" || seen[w.ID] {
			return fmt.Errorf("%s.id: every endpoint needs an id of its own", key)
		}
		seen[w.ID] = true
		since := c.settings.Start
		if w.Since != "" {
			var err error
			if since, err = pricing.ParseDate(w.Since); err != nil {
				return fmt.Errorf("%s.since: %w", key, err)
			}
		}
		if w.Format != "" && !slices.Contains(jobs.Formats(), w.Format) {
			return fmt.Errorf("%s.format: %q; write one of %s", key, w.Format, strings.Join(jobs.Formats(), ", "))
		}
		if webhooks.Style(w.Signature) == webhooks.StyleComputeStacks || w.Format == string(webhooks.StyleComputeStacks) && w.Signature != "" {
			return fmt.Errorf("%s.signature: %q; events of format %s are not signed, so leave it out", key, w.Signature, webhooks.StyleComputeStacks)
		}
		e := webhooks.Endpoint{ID: w.ID, URL: w.URL, Events: w.Events, Insecure: w.Insecure, Style: webhooks.Style(w.Signature)}
		if w.Format == string(webhooks.StyleComputeStacks) {
			e.Style = webhooks.StyleComputeStacks
		}
		if !c.withoutSecrets {
			if err := w.complete(&e, filepath.Dir(c.path)); err != nil {
				return fmt.Errorf("%s%w", key, err)
			}
		}
		c.settings.Endpoints = append(c.settings.Endpoints, jobs.Endpoint{Endpoint: e, Since: since, Format: w.Format})
	}
	return nil
}

// complete adds what it takes to send to an endpoint, and checks it. Its errors
// begin with what separates them from the endpoint's key.
func (w webhookConfig) complete(e *webhooks.Endpoint, folder string) error {
	var err error
	if e.Secrets, err = w.secrets(folder); err != nil {
		return fmt.Errorf(": %w", err)
	}
	for _, cidr := range w.Allow {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return fmt.Errorf(".allow: %q is not a CIDR such as 10.1.0.0/16", cidr)
		}
		e.Allow = append(e.Allow, prefix)
	}
	if w.Timeout != "" {
		if e.Timeout, err = time.ParseDuration(w.Timeout); err != nil || e.Timeout < time.Second {
			return fmt.Errorf(".timeout: %q; write seconds such as 15s, at least 1s", w.Timeout)
		}
	}
	if err := webhooks.Validate(*e); err != nil {
		return fmt.Errorf(": %w", err)
	}
	return nil
}

var envReference = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// secrets reads an endpoint's signing secrets from the environment or a file;
// a secret written into the configuration itself is refused.
func (w webhookConfig) secrets(folder string) ([]webhooks.Secret, error) {
	texts := []string{}
	for _, ref := range w.Secrets {
		m := envReference.FindStringSubmatch(ref)
		if m == nil {
			return nil, errors.New("secrets: write the name of an environment variable as ${NAME}, or use secrets_file; a secret does not belong in this file")
		}
		value := os.Getenv(m[1])
		if value == "" {
			return nil, fmt.Errorf("secrets: the environment variable %s is not set", m[1])
		}
		texts = append(texts, value)
	}
	if w.SecretsFile != "" {
		path := w.SecretsFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("secrets_file: %w", err)
		}
		texts = append(texts, strings.Fields(string(content))...)
	}
	parse := webhooks.ParseSecret
	if webhooks.Style(w.Signature) == webhooks.StyleOrb {
		parse = webhooks.ParseTextSecret
	}
	out := make([]webhooks.Secret, 0, len(texts))
	for _, text := range texts {
		s, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("secrets: %w", err)
		}
		out = append(out, s)
	}
	return out, nil
}
