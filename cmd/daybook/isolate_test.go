package main

import (
	"strings"
	"testing"
	"time"
)

// A decoder that hangs is stopped, so that no run waits for ever.
func TestDecoder_ThatDoesNothingIsStopped(t *testing.T) {
	d, err := startDecoder("sleep", []string{"600"}, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes of a program that writes none", n)
	}
	if err := d.Wait(); err == nil || !strings.Contains(err.Error(), "did nothing for 20ms") {
		t.Errorf("%v, want that it did nothing", err)
	}
}
