package usage

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"path"
	"strings"

	"daybook/sources/blob"
)

// Checksums says which digests of its producer a file's bytes are held to.
type Checksums string

// The zero value checks whatever digests there are.
const (
	ChecksumsAuto     Checksums = ""         // the store's, and those of checksum files
	ChecksumsRequired Checksums = "required" // a file without any is not used
	ChecksumsOff      Checksums = "off"      // none is asked for
)

// sumsSuffix ends the name of a checksum file of one file.
const sumsSuffix = ".sha256"

// maxSums is the largest checksum file that is read, in bytes.
const maxSums = 16 << 20

// sumsNames are the names of a checksum file of a whole folder. Query engines
// pass over the one with the underscore when they read the folder as a table.
func sumsNames() []string { return []string{"SHA256SUMS", "sha256sums", "_SHA256SUMS"} }

// IsChecksumFile reports whether a key is that of a checksum file: SHA256SUMS of
// a folder, or <file>.sha256 beside a file, in the format of sha256sum(1).
func IsChecksumFile(key string) bool {
	name := path.Base(key)
	for _, known := range sumsNames() {
		if name == known {
			return true
		}
	}
	return strings.HasSuffix(name, sumsSuffix) && name != sumsSuffix
}

// ChecksumFilesOf returns those of the checksum files that may hold a file's
// digest, by key: its own, and its folder's.
func ChecksumFilesOf(key string, known map[string]bool) []string {
	var out []string
	if own := key + sumsSuffix; known[own] {
		out = append(out, own)
	}
	for _, name := range sumsNames() {
		if beside := path.Join(path.Dir(key), name); known[beside] {
			out = append(out, beside)
		}
	}
	return out
}

// checksumFile is a checksum file's content: digests by the key of the file.
// Alone is its only digest, when it has just one.
type checksumFile struct {
	of    map[string]string
	alone string
}

// parseChecksums reads the lines of sha256sum(1): 64 hexadecimal digits, a
// blank, a blank or "*", and a name relative to the checksum file's folder; or
// "SHA256 (name) = digits", as BSD writes them. Nothing that it does not
// understand is passed over, since a digest passed over protects nobody.
func parseChecksums(key string, body []byte) (checksumFile, error) {
	out := checksumFile{of: map[string]string{}}
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, maxSums)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sum, name, ok := checksumLine(line)
		if !ok {
			return out, fmt.Errorf("line %d of checksum file %q is none of sha256sum's: write 64 hexadecimal digits, two blanks and the file's name, or remove the checksum file", n, key)
		}
		of := path.Join(path.Dir(key), name)
		if before, twice := out.of[of]; twice && before != sum {
			return out, fmt.Errorf("line %d of checksum file %q gives %q a second digest: leave one of them", n, key, name)
		}
		out.of[of] = sum
	}
	if err := lines.Err(); err != nil {
		return out, fmt.Errorf("read checksum file %q: %w", key, err)
	}
	if len(out.of) == 1 {
		for _, sum := range out.of {
			out.alone = sum
		}
	}
	return out, nil
}

// checksumLine splits a line into digest and name; the name may be missing.
func checksumLine(line string) (sum, name string, ok bool) {
	if rest, bsd := strings.CutPrefix(line, "SHA256 ("); bsd {
		end := strings.LastIndex(rest, ") = ")
		if end < 0 {
			return "", "", false
		}
		name, sum = rest[:end], rest[end+len(") = "):]
	} else {
		sum, name, _ = strings.Cut(line, " ")
		if name != "" {
			if name[0] != ' ' && name[0] != '*' {
				return "", "", false
			}
			name = name[1:]
		}
	}
	raw, err := hex.DecodeString(sum)
	if err != nil || len(raw) != blob.SHA256.New().Size() {
		return "", "", false
	}
	return hex.EncodeToString(raw), name, true
}

// digestOf returns the digest that a checksum file gives for a file; the file's
// own needs no name, or may have the one of the producer's machine.
func (c checksumFile) digestOf(key, from string) (string, bool) {
	if sum, ok := c.of[key]; ok {
		return sum, true
	}
	return c.alone, c.alone != "" && from == key+sumsSuffix
}
