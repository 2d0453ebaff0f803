package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// checkPlaces refuses an output among the inputs, which are read with all that
// lies below them.
func (c *config) checkPlaces() error {
	f := &c.file
	for _, input := range []struct{ key, at string }{{"usage.at", f.Usage.At}, {"registry", f.Registry}, {"book", f.Book}} {
		if strings.HasPrefix(c.place(f.Out), c.place(input.at)) {
			return fmt.Errorf("out: %s lies in %s, which is read as input; give it a folder of its own", f.Out, input.key)
		}
	}
	return nil
}

// place is a location that ends with a slash, a folder as an absolute path
// where that is known, so that what lies in it begins with it.
func (c *config) place(at string) string {
	if scheme, rest, ok := strings.Cut(at, "://"); ok && scheme != "file" {
		return scheme + "://" + strings.Trim(rest, "/") + "/"
	} else if ok {
		at = rest
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(filepath.Dir(c.path), at)
	}
	return strings.TrimSuffix(filepath.Clean(at), "/") + "/"
}
