package usage

import (
	"errors"
	"slices"
)

// wanted reports whether a task is still to be read: row groups behind a faulty
// one of the same file are not, those before it are, so that the error that is
// reported does not depend on timing.
func (p *pass) wanted(t *task) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return t.source.fault == nil || t.group < t.source.fault.RowGroup
}

// fail marks a file as unusable by its first fault.
func (p *pass) fail(s *source, err error) {
	fault := fileFault(s.Object.Key, -1, "", err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.fault == nil || fault.RowGroup < s.fault.RowGroup {
		s.fault = fault
	}
}

// failFile is fail for a fault that names its file.
func (p *pass) failFile(fault *FileError) {
	for _, s := range p.sources {
		if s.Object.Key == fault.File {
			p.fail(s, fault)
		}
	}
}

// isFailed reports whether a file of the day cannot be used.
func (p *pass) isFailed(d *openDay) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(d.sources, func(s *source) bool { return s.fault != nil })
}

// fileErrors joins the faults of all files, in the order of their keys.
func (p *pass) fileErrors() error {
	var all []error
	for _, s := range p.sources {
		if s.fault != nil {
			all = append(all, s.fault)
		}
	}
	return errors.Join(all...)
}
