//go:build linux || darwin

package dir

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"daybook/sources/blob"
)

// causes says which reason of package blob an operating system error is.
var causes = []struct {
	errno  syscall.Errno
	reason error
}{
	{syscall.ENOSPC, blob.ErrFull},
	{syscall.EDQUOT, blob.ErrFull},
	{syscall.EFBIG, blob.ErrFull},
	{syscall.EACCES, blob.ErrDenied},
	{syscall.EPERM, blob.ErrDenied},
	{syscall.EROFS, blob.ErrDenied},
	{syscall.ENAMETOOLONG, blob.ErrBadKey},
	{syscall.EISDIR, blob.ErrBadKey},
	{syscall.ENOTDIR, blob.ErrBadKey},
	{syscall.EEXIST, blob.ErrBadKey}, // a rename onto a folder that is not empty
	{syscall.ESTALE, blob.ErrTransient},
	{syscall.ETIMEDOUT, blob.ErrTransient},
	{syscall.EAGAIN, blob.ErrTransient},
}

// explain adds to an operating system error the reason it stands for. Errors
// that already carry one pass unchanged.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) && !errors.Is(err, blob.ErrNotFound) {
		if s.checkRoot() == blob.ErrNoBucket {
			return blob.ErrNoBucket
		}
		return fmt.Errorf("%w: %w", blob.ErrNotFound, err)
	}
	for _, c := range causes {
		if errors.Is(err, c.reason) {
			return err
		}
	}
	for _, c := range causes {
		if errors.Is(err, c.errno) {
			return fmt.Errorf("%w: %w", c.reason, err)
		}
	}
	return err
}
