package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"daybook/sinks/api"
)

func newToken(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "token", Short: "Make, list and revoke the tokens of `daybook serve`",
		Long: `Tokens say who may ask ` + "`daybook serve`" + ` for what. A token belongs to an account and sees it and what stands
below it; one with the scope admin sees all. The file holds a digest of each token, never its text.`,
		Example: `  daybook token create acme-dashboard --account acme --scope billing:read
  daybook token list
  daybook token revoke acme-dashboard`,
	}
	c.AddCommand(newTokenCreate(a), newTokenList(a), newTokenRevoke(a))
	return c
}

func newTokenCreate(a *app) *cobra.Command {
	var account string
	var scopes []string
	c := &cobra.Command{
		Use: "create ID", Short: "Make a token, print it once and add its digest to the token file",
		Long: `Makes a token of 32 random bytes, prints its text, which cannot be had again, and adds its digest to the
token file (serve.tokens of the configuration). A server that is running knows it within seconds.

Scopes: billing:read, account, organization, space; admin (every account); usage:delete
(ComputeStacks: ask for a usage item to be taken back; no other scope includes it).`,
		Example: `  daybook token create acme-dashboard --account acme --scope billing:read
  daybook token create back-office --scope admin --scope usage:delete`,
		Annotations: map[string]string{takesArguments: "ID"},
		Args:        oneTokenID,
		RunE: func(c *cobra.Command, args []string) error {
			var may []api.Scope
			for _, s := range scopes {
				may = append(may, api.Scope(s))
			}
			token, text, err := api.NewToken(args[0], account, may, rand.Reader)
			if err != nil {
				return usageErrorf("%w", err)
			}
			if err := a.changeTokens(func(list []api.Token) ([]api.Token, error) {
				if slices.ContainsFunc(list, func(t api.Token) bool { return t.ID == args[0] }) {
					return nil, usageErrorf("there is a token %s already; revoke it first, or choose another id", args[0])
				}
				return append(list, token), nil
			}); err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), map[string]any{"id": token.ID, "token": text, "account": token.Account, "scopes": token.Scopes})
			}
			fmt.Fprintln(c.ErrOrStderr(), "Keep it now: it is not shown again.")
			fmt.Fprintln(c.OutOrStdout(), text)
			return nil
		},
	}
	c.Flags().StringVar(&account, "account", "", "account that it sees, with what stands below it")
	c.Flags().StringSliceVar(&scopes, "scope", []string{string(api.ScopeBillingRead)}, "what it may do; may be given several times")
	return c
}

func oneTokenID(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageErrorf("name one token; see `%s --help`", c.CommandPath())
	}
	return nil
}

func newTokenList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the tokens, their accounts and scopes", Args: cobra.NoArgs,
		Example: "  daybook token list",
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := a.tokenFile()
			if err != nil {
				return err
			}
			list, err := readTokens(path)
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), list)
			}
			if len(list) == 0 {
				fmt.Fprintln(c.OutOrStdout(), "There are no tokens; make one with `daybook token create`.")
				return nil
			}
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 4, 2, ' ', 0)
			fmt.Fprintln(t, "ID\tACCOUNT\tSCOPES")
			for _, one := range list {
				var scopes []string
				for _, s := range one.Scopes {
					scopes = append(scopes, string(s))
				}
				account := one.Account
				if account == "" {
					account = "(all)"
				}
				fmt.Fprintf(t, "%s\t%s\t%s\n", one.ID, account, strings.Join(scopes, ", "))
			}
			return t.Flush()
		},
	}
}

func newTokenRevoke(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Take a token out of the token file", Example: "  daybook token revoke acme-dashboard",
		Annotations: map[string]string{takesArguments: "ID"},
		Args:        oneTokenID,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.changeTokens(func(list []api.Token) ([]api.Token, error) {
				left := slices.DeleteFunc(slices.Clone(list), func(t api.Token) bool { return t.ID == args[0] })
				if len(left) == len(list) {
					return nil, usageErrorf("there is no token %s; see `daybook token list`", args[0])
				}
				return left, nil
			}); err != nil {
				return err
			}
			if a.json() {
				return printJSON(c.OutOrStdout(), map[string]string{"revoked": args[0]})
			}
			fmt.Fprintf(c.OutOrStdout(), "Revoked %s.\n", args[0])
			return nil
		},
	}
}

// tokenFile is the configured token file.
func (a *app) tokenFile() (string, error) {
	cfg, err := readConfig(a.configPath)
	if err != nil {
		return "", err
	}
	cfg.file.Webhooks, cfg.file.Signing = nil, signingConfig{}
	if err := cfg.checked(); err != nil {
		return "", err
	}
	return cfg.serving.tokens, nil
}

// changeTokens changes the list of the token file. Whoever changes it at the same
// time waits, so that no token comes back that another has just revoked.
func (a *app) changeTokens(change func([]api.Token) ([]api.Token, error)) error {
	path, err := a.tokenFile()
	if err != nil {
		return err
	}
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	defer unlock()
	list, err := readTokens(path)
	if err != nil {
		return err
	}
	if list, err = change(list); err != nil {
		return err
	}
	return writeTokens(path, list)
}

// writeTokens replaces the token file as a whole, for its owner's eyes alone.
func writeTokens(path string, list []api.Token) (err error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	for _, t := range list {
		if err := enc.Encode(t); err != nil {
			return fmt.Errorf("write tokens: %w", err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write tokens: %w", err)
	}
	_, err = f.Write(body.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write tokens: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
