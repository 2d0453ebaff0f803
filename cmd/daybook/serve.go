package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"daybook/jobs"
	"daybook/sinks/api"
)

func newServe(a *app) *cobra.Command {
	var listen string
	var systems []string
	c := &cobra.Command{
		Use: "serve", Short: "Answer billing APIs over HTTP from what is published", Args: cobra.NoArgs,
		Long: `Answers the read APIs of rokka, ComputeStacks, Akkeris, CloudSigma and Orb from the published results,
so that clients of these systems need not change. It reads the bucket alone, computes no bill of its
own, and shows a new state some seconds after it is published. docs/apis.md lists every address.

Each request needs a token of ` + "`daybook token create`" + `. It listens on this machine alone unless told
otherwise; put a proxy that speaks TLS in front of it. /healthz and /metrics need no token.`,
		Example: `  daybook serve --config daybook.yaml
  daybook serve --system orb --listen 127.0.0.1:8080
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8686/v1/invoices`,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := readConfig(a.configPath)
			if err != nil {
				return err
			}
			cfg.file.Webhooks, cfg.file.Signing = nil, signingConfig{}
			if listen != "" {
				cfg.file.Serve.Listen = listen
			}
			if len(systems) > 0 {
				cfg.file.Serve.Systems = systems
			}
			if err := cfg.checked(); err != nil {
				return err
			}
			p, err := a.open(c, cfg)
			if err != nil {
				return err
			}
			return a.serve(c.Context(), c.ErrOrStderr(), p, cfg)
		},
	}
	c.Flags().StringVar(&listen, "listen", "", "address and port (default "+defaultListen+", or as configured)")
	c.Flags().StringSliceVar(&systems, "system", nil, "answer for these systems alone (default: as configured, or all)")
	return c
}

// Limits of a connection. Answers are small and come from memory, so whoever needs
// longer is in trouble, or makes it.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
	shutdownGrace     = 10 * time.Second
)

// serve answers until the context ends, then lets open requests finish.
func (a *app) serve(ctx context.Context, stderr io.Writer, p *jobs.Pipeline, cfg *config) error {
	log := a.logger(stderr)
	list, err := readTokens(cfg.serving.tokens)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		log.Warn("there are no tokens, so every request will be refused", "file", cfg.serving.tokens, "remedy", "daybook token create")
	}
	tokens, err := api.NewTokens(list)
	if err != nil {
		return err
	}
	handler, err := newAPI(p, cfg, tokens, log)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.serving.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; name another address with --listen", cfg.serving.listen, err)
	}
	log.Info("serving", "address", "http://"+listener.Addr().String(), "tokens", len(list))
	go followTokens(ctx, cfg.serving.tokens, tokens, log)
	return answer(ctx, listener, handler, log)
}

func newAPI(p *jobs.Pipeline, cfg *config, tokens *api.Tokens, log *slog.Logger) (*api.Server, error) {
	published := p.Published(cfg.serving.refresh)
	return api.New(api.Options{
		Systems: cfg.serving.systems, Source: published, Ask: published, Tokens: tokens, Log: log, Now: wallClock().Now,
		Edition: fmt.Sprintf("%s %s %+v %s", version, buildRevision(), cfg.settings.Issuer, cfg.settings.Start),
	})
}

// answer serves a listener until the context ends.
func answer(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("requests were still open after %s: %w", shutdownGrace, err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// followTokens takes over the token file when it changes: a token that is revoked
// is refused within seconds. A file that cannot be read leaves what holds.
func followTokens(ctx context.Context, path string, tokens *api.Tokens, log *slog.Logger) {
	changed := func() string {
		if s, err := os.Stat(path); err == nil {
			return fmt.Sprint(s.Size(), s.ModTime().UnixNano())
		}
		return ""
	}
	// What changed before now is read too: it may have since it was read to start.
	for seen := "unread"; wallClock().Sleep(ctx, 2*time.Second) == nil; {
		now := changed()
		if now == seen {
			continue
		}
		seen = now
		list, err := readTokens(path)
		if err == nil {
			err = tokens.Set(list)
		}
		if err != nil {
			log.Error("the token file is damaged; the tokens from before hold", "error", err)
			continue
		}
		log.Info("tokens read", "tokens", len(list))
	}
}
