package blob

import (
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"hash/crc32"
	"hash/crc64"
)

// Checksum is a digest of an object's whole bytes that the store keeps beside
// them: what its writer gave, or what the store computed when it received them.
// The zero value means that the store has none.
type Checksum struct {
	Algorithm Algorithm
	Sum       string // the raw bytes as lower-case hexadecimal digits
}

// IsZero reports whether there is no checksum.
func (c Checksum) IsZero() bool { return c.Algorithm == "" }

// Algorithm is how a [Checksum] is computed, by the name that S3 gives it.
type Algorithm string

// The algorithms of "Checking object integrity" in the Amazon S3 user guide that
// are known here; a store gives no checksum of any other.
const (
	SHA256    Algorithm = "SHA256"
	SHA1      Algorithm = "SHA1"
	CRC64NVME Algorithm = "CRC64NVME"
	CRC32C    Algorithm = "CRC32C"
	CRC32     Algorithm = "CRC32"
)

// crc64NVME is the polynomial of the NVM Express NVM Command Set specification,
// "64b CRC", least significant bit first.
const crc64NVME = 0x9a6c9329ac4bc9b5

// New returns a hash for the algorithm; nil when it is not known. Its Sum has
// the byte order that S3 writes.
func (a Algorithm) New() hash.Hash {
	switch a {
	case SHA256:
		return sha256.New()
	case SHA1:
		return sha1.New()
	case CRC64NVME:
		return crc64.New(crc64.MakeTable(crc64NVME))
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC32:
		return crc32.NewIEEE()
	}
	return nil
}
