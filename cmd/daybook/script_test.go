package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the stories expect")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daybook": func() { os.Exit(run(context.Background(), os.Args[1:])) },
	})
}

// TestScripts tells each story of testdata/script with the real binary.
func TestScripts(t *testing.T) {
	books, err := filepath.Abs(filepath.Join(module, "testdata", "books"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(module, "testdata", "script"),
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
		},
	})
}
