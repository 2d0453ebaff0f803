package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/sources/blob/dir"
)

// canaries are secrets with texts of their own, which no output may repeat: what
// stands in the environment, in the configuration and in a secrets file.
type canaries struct {
	t     *testing.T
	texts []string
}

func (c *canaries) env(name, value string) {
	c.t.Setenv(name, value)
	c.texts = append(c.texts, value)
}

// search fails for each canary in what was written, plain or as base64.
func (c *canaries) search(where, text string) {
	c.t.Helper()
	for _, canary := range c.texts {
		for _, form := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))} {
			if strings.Contains(text, form) {
				c.t.Errorf("%s holds the secret %q", where, canary)
			}
		}
	}
}

// everything runs a command and searches both of its outputs.
func (c *canaries) everything(wantNot int, args ...string) string {
	c.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = write, write
	printed := make(chan []byte)
	go func() { b, _ := io.ReadAll(read); printed <- b }()
	code := run(c.t.Context(), args)
	os.Stdout, os.Stderr = stdout, stderr
	write.Close()
	text := string(<-printed)
	c.search("daybook "+strings.Join(args, " "), text)
	if code == wantNot {
		c.t.Errorf("daybook %s exited with %d: %s", strings.Join(args, " "), code, text)
	}
	return text
}

// TestSecrets_AppearNowhere bills a month and delivers it to a receiver that
// gives back what it was sent, looks at it in every way, makes each kind of
// mistake, and then searches all output and all stored objects.
func TestSecrets_AppearNowhere(t *testing.T) {
	c := &canaries{t: t}
	c.env("AWS_ACCESS_KEY_ID", "AKIACANARYONE")
	c.env("AWS_SECRET_ACCESS_KEY", "canary-two-secret-key")
	c.env("AWS_SESSION_TOKEN", "canary-three-session-token")
	c.env("ERP_SECRET", "whsec_"+base64.StdEncoding.EncodeToString([]byte("canary-four-signing-secret")))
	c.env("HTTPS_PROXY", "http://user:canary-five-proxy@127.0.0.1:1")
	c.env("UNRELATED_TOKEN", "canary-six-somebody-else's")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	c.texts = append(c.texts, "canary-four-signing-secret", "canary-seven-in-a-file", "canary-eight-in-the-url", "canary-nine-in-the-endpoint", "canary-ten-in-plain")

	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusGone) // no second attempt, which would come 5 s later
		fmt.Fprintf(w, "%s %v %s canary-eight-in-the-url", r.URL, r.Header, body)
	}))
	defer mirror.Close()
	folder := t.TempDir()
	root, err := dir.New(folder, dir.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, root, small())
	write := func(name, body string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secrets.txt", "whsec_"+base64.StdEncoding.EncodeToString([]byte("canary-seven-in-a-file-of-its-own")))
	const places = `
usage: {at: usage, layout: {partition: dt}, isolate: %s}
registry: registry
book: book
out: out
start: 2026-09-01
issuer: {name: Northwind Cloud AG}
`
	hook := fmt.Sprintf(`
webhooks:
  - {id: erp, url: "%s/hooks?token=canary-eight-in-the-url", secrets: ["${ERP_SECRET}"], secrets_file: secrets.txt, allow: [127.0.0.0/8], insecure: true}
`, mirror.URL)
	good := write("daybook.yaml", fmt.Sprintf(places, "false")+hook)
	looking := []string{
		"validate", "doctor", "webhooks list", "webhooks show --period 2026-09", "invoices --period 2026-09", "explain 2026-000001",
		"costs --from 2026-09-01 --to 2026-09-02", "costs --from 2026-09-10 --forecast",
	}
	sending := []string{"run monthly --period 2026-09", "webhooks test --endpoint erp", "webhooks resend --period 2026-09 --endpoint erp"}
	for _, command := range slices.Concat(sending, looking) {
		c.everything(exitUsage, append(strings.Fields(command), "--config", good)...)
	}
	for _, command := range looking {
		c.everything(exitUsage, append(strings.Fields(command), "--config", good, "-o", "json")...)
	}
	for name, body := range map[string]string{
		"plain.yaml":    fmt.Sprintf(places, "false") + `webhooks: [{id: erp, url: "https://erp.example/", secrets: ["canary-ten-in-plain"]}]`,
		"endpoint.yaml": strings.Replace(fmt.Sprintf(places, "false"), "at: usage", "at: s3://bucket/usage", 1) + "s3: {endpoint: \"http://user:canary-nine-in-the-endpoint@127.0.0.1:1\", region: eu-central-1}\n",
		"refused.yaml":  strings.Replace(fmt.Sprintf(places, "true"), "at: usage", "at: s3://bucket/usage", 1) + "s3: {endpoint: \"http://127.0.0.1:1\", region: eu-central-1}\n",
		"url.yaml":      fmt.Sprintf(places, "false") + `webhooks: [{id: erp, url: "ftp://canary-eight-in-the-url/", secrets: ["${ERP_SECRET}"]}]`,
		"badenv.yaml":   fmt.Sprintf(places, "false") + `webhooks: [{id: erp, url: "https://erp.example/", secrets: ["${UNRELATED_TOKEN}"]}]`,
	} {
		c.everything(exitOK, "run", "rollup", "--day", "2026-09-02", "--config", write(name, body))
		c.everything(exitOK, "run", "rollup", "--day", "2026-09-02", "-o", "json", "--config", filepath.Join(folder, name))
	}
	searchTree(t, c, filepath.Join(folder, "out"))
}

func searchTree(t *testing.T, c *canaries, root string) {
	t.Helper()
	objects := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		objects++
		c.search(path, string(body))
		c.search("the name of "+path, path)
		return err
	})
	if err != nil || objects < 30 {
		t.Errorf("%d objects searched, %v", objects, err)
	}
}
