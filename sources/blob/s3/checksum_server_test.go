package s3_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"daybook/sources/blob"
	"daybook/sources/blob/s3test"
)

// TestStat_GivesTheChecksumOfWhateverAProducerSent uploads as other programs do:
// with each algorithm in turn, computed by the SDK.
func TestStat_GivesTheChecksumOfWhateverAProducerSent(t *testing.T) {
	server := s3test.Start(t)
	client := awss3.NewFromConfig(server.Config, func(o *awss3.Options) {
		o.BaseEndpoint, o.UsePathStyle = &server.Endpoint, true
	})
	store := open(t, server, "up")
	body := []byte("a usage file, for all that the server knows")
	for algorithm, want := range map[types.ChecksumAlgorithm]blob.Algorithm{
		types.ChecksumAlgorithmSha256: blob.SHA256, types.ChecksumAlgorithmSha1: blob.SHA1, types.ChecksumAlgorithmCrc64nvme: blob.CRC64NVME,
		types.ChecksumAlgorithmCrc32c: blob.CRC32C, types.ChecksumAlgorithmCrc32: blob.CRC32,
	} {
		key := "up/" + string(algorithm)
		in := &awss3.PutObjectInput{Bucket: &server.Bucket, Key: &key, Body: bytes.NewReader(body), ChecksumAlgorithm: algorithm}
		if _, err := client.PutObject(context.Background(), in); err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		o, err := store.Stat(t.Context(), string(algorithm))
		if err != nil {
			t.Fatal(err)
		}
		h := want.New()
		h.Write(body)
		if sum := hex.EncodeToString(h.Sum(nil)); o.Checksum != (blob.Checksum{Algorithm: want, Sum: sum}) {
			t.Errorf("%s: the store gives %+v, want %s", algorithm, o.Checksum, sum)
		}
	}
	parts(t, client, server.Bucket)
	if o, err := store.Stat(t.Context(), "parts"); err != nil || !o.Checksum.IsZero() {
		t.Errorf("an upload in parts has %+v, %v; its checksum is not of the bytes as a whole", o.Checksum, err)
	}
}

// parts uploads up/parts in one part whose SHA-256 stands for a COMPOSITE one.
func parts(t *testing.T, client *awss3.Client, bucket string) {
	t.Helper()
	key, ctx := aws.String("up/parts"), t.Context()
	begun, err := client.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: &bucket, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmSha256})
	if err != nil {
		t.Fatal(err)
	}
	part, err := client.UploadPart(ctx, &awss3.UploadPartInput{
		Bucket: &bucket, Key: key, UploadId: begun.UploadId, PartNumber: aws.Int32(1),
		Body: bytes.NewReader([]byte("one part")), ChecksumAlgorithm: types.ChecksumAlgorithmSha256,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{
		Bucket: &bucket, Key: key, UploadId: begun.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
