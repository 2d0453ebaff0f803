package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"daybook/sinks/publish"
)

// checkSigning reads the key that manifests are signed with, from the environment
// or a file; a key written into the configuration itself is refused.
func (c *config) checkSigning() error {
	s := c.file.Signing
	if c.withoutSecrets || s == (signingConfig{}) {
		return nil
	}
	text, err := s.text(filepath.Dir(c.path))
	if err != nil {
		return err
	}
	if c.signing, err = publish.ParseSigningKey(text); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	return nil
}

func (s signingConfig) text(folder string) (string, error) {
	switch {
	case s.Key != "" && s.KeyFile != "":
		return "", errors.New("signing: give key or key_file, not both")
	case s.KeyFile != "":
		path := s.KeyFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("signing.key_file: %w", err)
		}
		return string(text), nil
	}
	m := envReference.FindStringSubmatch(s.Key)
	if m == nil {
		return "", errors.New("signing.key: write the name of an environment variable as ${NAME}, or use key_file; a key does not belong in this file")
	}
	text := os.Getenv(m[1])
	if text == "" {
		return "", fmt.Errorf("signing.key: the environment variable %s is not set", m[1])
	}
	return text, nil
}
