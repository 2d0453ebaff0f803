package s3

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"daybook/sources/blob"
)

func TestChecksum_TakesOnlyThoseOfTheWholeObject(t *testing.T) {
	crc := aws.String("y/Q5Jg==") // cbf43926, the CRC-32 check value
	for name, c := range map[string]struct {
		out  s3.HeadObjectOutput
		want blob.Checksum
	}{
		"none":          {s3.HeadObjectOutput{}, blob.Checksum{}},
		"full object":   {s3.HeadObjectOutput{ChecksumCRC32: crc, ChecksumType: types.ChecksumTypeFullObject}, blob.Checksum{Algorithm: blob.CRC32, Sum: "cbf43926"}},
		"no type given": {s3.HeadObjectOutput{ChecksumCRC32: crc}, blob.Checksum{Algorithm: blob.CRC32, Sum: "cbf43926"}},
		"composite":     {s3.HeadObjectOutput{ChecksumCRC32: crc, ChecksumType: types.ChecksumTypeComposite}, blob.Checksum{}},
		"of three parts, from a server without types": {s3.HeadObjectOutput{ChecksumCRC32: aws.String("y/Q5Jg==-3")}, blob.Checksum{}},
		"cut":             {s3.HeadObjectOutput{ChecksumSHA256: crc}, blob.Checksum{}},
		"strongest first": {s3.HeadObjectOutput{ChecksumCRC32: crc, ChecksumCRC64NVME: aws.String("rosUhgp5mIg=")}, blob.Checksum{Algorithm: blob.CRC64NVME, Sum: "ae8b14860a799888"}},
	} {
		if got := checksum(&c.out); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
