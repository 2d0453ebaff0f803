//go:build !linux

package main

import "errors"

func canLimitMemory() error {
	return errors.New("only Linux bounds a process's memory as this needs; leave it out here, or run in a container with a limit")
}

func limitMemory(int64) error { return canLimitMemory() }
