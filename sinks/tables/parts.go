package tables

import (
	"fmt"
	"io"
)

// partBytes is how much of a file is let go of at a time.
const partBytes = 64 << 10

// parts is a file in memory that is read once: what has been read is let go of, as
// soon as passing is set. It is not safe for concurrent use.
type parts struct {
	size    int64
	passing bool
	parts   [][]byte // nil once all of it has been read
	left    []int    // bytes of each that have not been
}

// inParts copies a file.
func inParts(body []byte) *parts {
	p := &parts{size: int64(len(body))}
	for len(body) > 0 {
		n := min(partBytes, len(body))
		p.parts, p.left = append(p.parts, append(make([]byte, 0, n), body[:n]...)), append(p.left, n)
		body = body[n:]
	}
	return p
}

// ReadAt implements io.ReaderAt, of what has not been let go of.
func (p *parts) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && off >= 0 && off < p.size {
		i := int(off / partBytes)
		part := p.parts[i]
		if part == nil {
			return n, fmt.Errorf("byte %d is read twice", off)
		}
		copied := copy(b[n:], part[off%partBytes:])
		if p.passing {
			if p.left[i] -= copied; p.left[i] <= 0 {
				p.parts[i] = nil
			}
		}
		n, off = n+copied, off+int64(copied)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
