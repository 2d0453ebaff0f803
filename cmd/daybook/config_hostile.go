package main

import (
	"fmt"

	"daybook/sources/usage"
)

// checkChecksums reads usage.checksums.
func (c *config) checkChecksums() error {
	switch s := c.file.Usage.Checksums; s {
	case "", "auto":
		c.settings.Checksums = usage.ChecksumsAuto
	case "required":
		c.settings.Checksums = usage.ChecksumsRequired
	case "off":
		c.settings.Checksums = usage.ChecksumsOff
	default:
		return fmt.Errorf("usage.checksums: %q; write auto, required or off", s)
	}
	return nil
}
