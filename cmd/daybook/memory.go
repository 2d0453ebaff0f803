package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"daybook/sources/usage"
)

// checkMemory reads usage.memory, usage.temporary and usage.isolate_memory.
func (c *config) checkMemory() error {
	u := &c.file.Usage
	var err error
	if c.isolateMemory, err = sizeOf("usage.isolate_memory", u.IsolateMemory, 8<<30, 256<<20); err != nil {
		return err
	}
	if c.settings.Memory, err = sizeOf("usage.memory", u.Memory, usage.DefaultMemory, 1<<20); err != nil {
		return err
	}
	if half := c.isolateMemory / 2; u.Isolate && c.settings.Memory > half {
		if u.Memory != "" {
			return fmt.Errorf("usage.memory: %s is above half of usage.isolate_memory, where the decoder works within both; write %dMiB or less", u.Memory, half>>20)
		}
		c.settings.Memory = half
	}
	if c.settings.Temporary = u.Temporary; u.Temporary == "" {
		c.settings.Temporary = os.TempDir() // an isolated decoder has no environment to find it by
		return nil
	}
	if !filepath.IsAbs(u.Temporary) {
		c.settings.Temporary = filepath.Join(filepath.Dir(c.path), u.Temporary)
	}
	if c.settings.Temporary, err = filepath.Abs(c.settings.Temporary); err != nil {
		return fmt.Errorf("usage.temporary: %w", err)
	}
	if at, err := os.Stat(c.settings.Temporary); err != nil || !at.IsDir() {
		return fmt.Errorf("usage.temporary: %s is no folder; make it, or name one on local disk", c.settings.Temporary)
	}
	return nil
}

// sizeOf reads a size; "" is the standard one.
func sizeOf(key, text string, standard, least int64) (int64, error) {
	if text == "" {
		return standard, nil
	}
	number, unit := strings.TrimRight(text, "MGiB"), int64(0)
	switch strings.TrimPrefix(text, number) {
	case "MiB":
		unit = 1 << 20
	case "GiB":
		unit = 1 << 30
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || unit == 0 || n*unit < least {
		return 0, fmt.Errorf("%s: %q; write a size such as 8GiB or 512MiB, %dMiB at least", key, text, least>>20)
	}
	return n * unit, nil
}
