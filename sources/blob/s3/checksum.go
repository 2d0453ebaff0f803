package s3

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"daybook/sources/blob"
)

// checksum returns the checksum of the whole object that an answer names, the
// strongest first. One of a multipart upload's parts (type COMPOSITE, written
// "digest-parts") says nothing about the bytes as a whole and counts as none,
// as does one that is not of its algorithm's length.
func checksum(out *s3.HeadObjectOutput) blob.Checksum {
	if out.ChecksumType == types.ChecksumTypeComposite {
		return blob.Checksum{}
	}
	for _, c := range []struct {
		algorithm blob.Algorithm
		sum       *string
	}{
		{blob.SHA256, out.ChecksumSHA256},
		{blob.SHA1, out.ChecksumSHA1},
		{blob.CRC64NVME, out.ChecksumCRC64NVME},
		{blob.CRC32C, out.ChecksumCRC32C},
		{blob.CRC32, out.ChecksumCRC32},
	} {
		raw, err := base64.StdEncoding.DecodeString(aws.ToString(c.sum))
		if err == nil && len(raw) == c.algorithm.New().Size() {
			return blob.Checksum{Algorithm: c.algorithm, Sum: hex.EncodeToString(raw)}
		}
	}
	return blob.Checksum{}
}
