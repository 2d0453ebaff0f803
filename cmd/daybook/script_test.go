package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the stories expect")

func TestMain(m *testing.M) {
	testscript.Main(servedTests{m}, map[string]func(){
		"daybook": func() { os.Exit(run(context.Background(), os.Args[1:])) },
	})
}

// TestScripts tells each story of testdata/script with the real binary.
func TestScripts(t *testing.T) {
	books, err := filepath.Abs(filepath.Join(module, "testdata", "books"))
	if err != nil {
		t.Fatal(err)
	}
	stories, err := filepath.Glob(filepath.Join(module, "testdata", "script", "*.txtar"))
	if err != nil || len(stories) == 0 {
		t.Fatalf("%d stories, %v", len(stories), err)
	}
	if testing.Short() {
		// Under the race detector those in which most happens at once; not isolate.txtar,
		// as the detector's own memory counts against a decoder's limit.
		stories = slices.DeleteFunc(stories, func(file string) bool {
			return !slices.Contains([]string{"corrections.txtar", "first-invoice.txtar", "supplement.txtar", "verify.txtar", "webhooks.txtar"}, filepath.Base(file))
		})
		if len(stories) != 5 {
			t.Fatalf("%v: want the five stories that are named here", stories)
		}
	}
	testscript.Run(t, testscript.Params{
		Files:               stories,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("BOOKS", books)
			e.Setenv("TZ", "Pacific/Chatham") // the machine's zone must not matter
			e.Values[receiverKey{}] = &storyReceiver{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"usage":      usageFile,
			"sha256sums": sumsFile,
			"bomb":       bombFile,
			"receiver":   receiverCommand,
			"distinct":   distinct,
			"ask":        ask,
		},
	})
}
